WITH coming AS (
    SELECT * FROM booking WHERE status <> 'cancelled' AND check_in >= :today
)
SELECT DISTINCT ON (g.id) g.id AS guest_id, g.name, c.id AS booking_id, c.check_in
FROM guest AS g
FULL JOIN coming AS c ON c.guest_id = g.id
ORDER BY g.id, c.check_in, c.id;

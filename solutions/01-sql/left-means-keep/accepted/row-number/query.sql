-- Number each guest's bookings to come, and keep the first.
WITH coming AS (
    SELECT id, guest_id, check_in,
           row_number() OVER (PARTITION BY guest_id ORDER BY check_in, id) AS place
    FROM booking
    WHERE status <> 'cancelled' AND check_in >= :today
)
SELECT g.id AS guest_id, g.name, coming.id AS booking_id, coming.check_in
FROM guest AS g
LEFT JOIN coming ON coming.guest_id = g.id AND coming.place = 1
ORDER BY coming.check_in NULLS LAST, g.name;

-- Every guest, with their next booking, if any.
SELECT DISTINCT ON (g.id)
    g.id AS guest_id,
    g.name,
    b.id AS booking_id,
    b.check_in
FROM guest AS g
LEFT JOIN booking AS b
    ON  b.guest_id = g.id
    AND b.status <> 'cancelled'
    AND b.check_in >= :today
ORDER BY g.id, b.check_in, b.id;

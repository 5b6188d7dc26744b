-- The subquery picks one id; the row that it belongs to brings its own date.
SELECT g.id AS guest_id, g.name, b.id AS booking_id, b.check_in
FROM guest g
LEFT JOIN booking b ON b.id = (
    SELECT n.id
    FROM booking n
    WHERE n.guest_id = g.id AND NOT n.status = 'cancelled' AND n.check_in >= :today
    ORDER BY n.check_in, n.id
    LIMIT 1
);

SELECT g.id AS guest_id, g.name, min(b.id) AS booking_id, min(b.check_in) AS check_in
FROM guest AS g
LEFT JOIN booking AS b ON b.guest_id = g.id AND b.status <> 'cancelled' AND b.check_in >= :today
GROUP BY g.id, g.name;

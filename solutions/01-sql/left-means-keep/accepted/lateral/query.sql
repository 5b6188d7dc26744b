-- For each guest, look once: the earliest booking to come, or nothing.
SELECT g.id AS guest_id, g.name, coming.id AS booking_id, coming.check_in
FROM guest AS g
LEFT JOIN LATERAL (
    SELECT b.id, b.check_in
    FROM booking AS b
    WHERE b.guest_id = g.id AND b.status IN ('pending', 'confirmed') AND b.check_in >= :today
    ORDER BY b.check_in, b.id
    LIMIT 1
) AS coming ON true;

-- City by city: the three best, and whoever ties with the last of them.
SELECT c.id AS city_id, c.name AS city, best.*
FROM city AS c
CROSS JOIN LATERAL (
    SELECT
        l.id AS listing_id,
        sum(1) AS bookings,
        rank() OVER (ORDER BY sum(1) DESC) AS place
    FROM listing AS l
    JOIN booking AS b ON b.listing_id = l.id AND b.status IN ('pending', 'confirmed')
    WHERE l.city_id = c.id
    GROUP BY l.id
    ORDER BY bookings DESC
    FETCH FIRST 3 ROWS WITH TIES
) AS best
ORDER BY c.name, c.id, best.place, best.listing_id;

SELECT l.id AS listing_id, l.title, earned.revenue, rated.average_rating
FROM listing AS l
CROSS JOIN LATERAL (
    SELECT COALESCE(SUM(p.amount) FILTER (WHERE p.status = 'paid'), 0) AS revenue
    FROM booking AS b
    LEFT JOIN payment AS p ON p.booking_id = b.id
    WHERE b.listing_id = l.id
) AS earned
CROSS JOIN LATERAL (
    SELECT ROUND(AVG(r.rating), 2) AS average_rating
    FROM booking AS b
    JOIN review AS r ON r.booking_id = b.id
    WHERE b.listing_id = l.id
) AS rated
ORDER BY earned.revenue DESC, l.id;

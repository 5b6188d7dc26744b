WITH rated AS (
    SELECT b.listing_id, ROUND(AVG(r.rating), 2) AS average_rating
    FROM booking AS b
    JOIN review AS r ON r.booking_id = b.id
    GROUP BY b.listing_id
)
SELECT l.id AS listing_id, l.title, COALESCE(SUM(p.amount), 0) AS revenue, rated.average_rating
FROM listing AS l
LEFT JOIN booking AS b ON b.listing_id = l.id
LEFT JOIN payment AS p ON p.booking_id = b.id
LEFT JOIN rated ON rated.listing_id = l.id
WHERE p.status = 'paid'
GROUP BY l.id, l.title, rated.average_rating
ORDER BY revenue DESC, l.id;

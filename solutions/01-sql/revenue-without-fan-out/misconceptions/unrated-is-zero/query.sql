-- What each listing earned and how it is rated, the highest revenue first.
WITH earned AS (
    SELECT b.listing_id, SUM(p.amount) AS revenue
    FROM booking AS b
    JOIN payment AS p ON p.booking_id = b.id
    WHERE p.status = 'paid'
    GROUP BY b.listing_id
),
rated AS (
    SELECT b.listing_id, ROUND(AVG(r.rating), 2) AS average_rating
    FROM booking AS b
    JOIN review AS r ON r.booking_id = b.id
    GROUP BY b.listing_id
)
SELECT
    l.id AS listing_id,
    l.title,
    COALESCE(earned.revenue, 0) AS revenue,
    COALESCE(rated.average_rating, 0) AS average_rating
FROM listing AS l
LEFT JOIN earned ON earned.listing_id = l.id
LEFT JOIN rated ON rated.listing_id = l.id
ORDER BY revenue DESC, listing_id;

-- Payments and reviews one below the other instead of side by side: nothing to multiply.
WITH fact AS (
    SELECT booking_id, amount, NULL::integer AS rating FROM payment WHERE status = 'paid'
    UNION ALL
    SELECT booking_id, NULL, rating FROM review
)
SELECT
    l.id AS listing_id,
    l.title,
    COALESCE(SUM(fact.amount), 0.00) AS revenue,
    ROUND(AVG(fact.rating), 2) AS average_rating
FROM listing AS l
LEFT JOIN booking AS b ON b.listing_id = l.id
LEFT JOIN fact ON fact.booking_id = b.id
GROUP BY l.id
ORDER BY revenue DESC, l.id;

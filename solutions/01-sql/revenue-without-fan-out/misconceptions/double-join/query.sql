SELECT l.id AS listing_id, l.title,
       COALESCE(SUM(p.amount) FILTER (WHERE p.status = 'paid'), 0) AS revenue,
       ROUND(AVG(r.rating), 2) AS average_rating
FROM listing AS l
LEFT JOIN booking AS b ON b.listing_id = l.id
LEFT JOIN payment AS p ON p.booking_id = b.id
LEFT JOIN review AS r ON r.booking_id = b.id
GROUP BY l.id, l.title
ORDER BY revenue DESC, l.id;

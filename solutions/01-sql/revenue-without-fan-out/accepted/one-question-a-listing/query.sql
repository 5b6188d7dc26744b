-- Two questions to each listing; neither sees the other's rows.
SELECT
    l.id AS listing_id,
    l.title,
    COALESCE(
        (SELECT SUM(p.amount) FROM payment p JOIN booking b ON b.id = p.booking_id
         WHERE b.listing_id = l.id AND p.status = 'paid'),
        0
    ) AS revenue,
    (SELECT AVG(r.rating)::numeric(3, 2) FROM review r JOIN booking b ON b.id = r.booking_id
     WHERE b.listing_id = l.id) AS average_rating
FROM listing l
ORDER BY 3 DESC, 1;

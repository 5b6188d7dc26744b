-- One row for each booking first; then nothing is left to fan out.
WITH per_booking AS (
    SELECT
        b.listing_id,
        (SELECT SUM(CASE WHEN status = 'paid' THEN amount ELSE 0 END) FROM payment WHERE booking_id = b.id) AS paid,
        stars.total,
        stars.votes
    FROM booking AS b
    LEFT JOIN (
        SELECT booking_id, SUM(rating) AS total, COUNT(*) AS votes FROM review GROUP BY booking_id
    ) AS stars ON stars.booking_id = b.id
)
SELECT
    l.id AS listing_id,
    l.title,
    COALESCE(SUM(paid), 0) AS revenue,
    ROUND(SUM(total) / SUM(votes), 2) AS average_rating
FROM listing AS l
LEFT JOIN per_booking ON per_booking.listing_id = l.id
GROUP BY l.id, l.title
ORDER BY COALESCE(SUM(paid), 0) DESC, l.id ASC;

-- A list of all titles, best first, cut after the first one; days by TIMESTAMPDIFF.
WITH earned AS (
    SELECT listing_id, SUM(total) AS revenue, SUM(TIMESTAMPDIFF(DAY, check_in, check_out)) AS nights
    FROM booking
    WHERE status <> 'cancelled'
    GROUP BY listing_id
)
SELECT
    places.city,
    IFNULL(SUM(e.revenue), 0) AS revenue,
    MAX(t.amount) AS target,
    IFNULL(SUM(e.nights), 0) AS nights,
    GROUP_CONCAT(DISTINCT u.name ORDER BY u.name SEPARATOR ', ') AS hosts,
    SUBSTRING_INDEX(GROUP_CONCAT(l.title ORDER BY e.revenue DESC, l.id SEPARATOR '|'), '|', 1) AS top_listing
FROM (
    SELECT city FROM target
    UNION
    SELECT listing.city FROM listing JOIN earned ON earned.listing_id = listing.id
) AS places
LEFT JOIN target AS t ON t.city = places.city
LEFT JOIN (listing AS l JOIN earned AS e ON e.listing_id = l.id) ON l.city = places.city
LEFT JOIN `user` AS u ON u.id = l.user_id
GROUP BY places.city;

-- Cities first, everything else LEFT JOINed to them.
SELECT
    cities.City,
    IFNULL(sums.revenue, 0) AS revenue,
    target.amount AS target,
    IFNULL(sums.nights, 0) AS nights,
    sums.hosts,
    best.title AS top_listing
FROM (
    SELECT city FROM target
    UNION
    SELECT listing.city FROM listing JOIN booking ON booking.listing_id = listing.id AND booking.status <> 'cancelled'
) AS cities
LEFT JOIN target ON target.city = cities.city
LEFT JOIN (
    SELECT
        listing.city,
        SUM(booking.total) AS revenue,
        SUM(DATEDIFF(booking.check_out, booking.check_in)) AS nights,
        GROUP_CONCAT(DISTINCT user.name ORDER BY user.name SEPARATOR ', ') AS hosts
    FROM booking
    JOIN listing ON listing.id = booking.listing_id
    JOIN user ON user.id = listing.user_id
    WHERE booking.status <> 'cancelled'
    GROUP BY listing.city
) AS sums ON sums.city = cities.city
LEFT JOIN (
    SELECT
        listing.city,
        listing.title,
        RANK() OVER (PARTITION BY listing.city ORDER BY SUM(booking.total) DESC, listing.id) AS place
    FROM booking
    JOIN listing ON listing.id = booking.listing_id
    WHERE booking.status <> 'cancelled'
    GROUP BY listing.city, listing.id, listing.title
) AS best ON best.city = cities.city AND best.place = 1;

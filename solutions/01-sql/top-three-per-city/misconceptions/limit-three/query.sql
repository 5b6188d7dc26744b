SELECT
    city.id AS city_id,
    city.name AS city,
    listing.id AS listing_id,
    count(*) AS bookings,
    rank() OVER (PARTITION BY city.id ORDER BY count(*) DESC) AS place
FROM city
JOIN listing ON listing.city_id = city.id
JOIN booking ON booking.listing_id = listing.id
WHERE booking.status <> 'cancelled'
GROUP BY city.id, listing.id
ORDER BY bookings DESC
LIMIT 3;

-- The three most-booked listings of each city, and whoever ties with the third.
WITH ranked AS (
    SELECT
        city.id AS city_id,
        city.name AS city,
        listing.id AS listing_id,
        count(*) AS bookings,
        rank() OVER (PARTITION BY city.name ORDER BY count(*) DESC) AS place
    FROM city
    JOIN listing ON listing.city_id = city.id
    JOIN booking ON booking.listing_id = listing.id
    WHERE booking.status <> 'cancelled'
    GROUP BY city.id, listing.id
)
SELECT city_id, city, listing_id, bookings, place
FROM ranked
WHERE place <= 3;

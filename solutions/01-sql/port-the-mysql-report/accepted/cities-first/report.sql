-- First the cities, then what is known of each: no outer join of two sides at all.
WITH counted AS (
    SELECT l.city, l.id, l.title, u.name, b.total, b.check_out - b.check_in AS nights
    FROM booking b
    JOIN listing l ON l.id = b.listing_id
    JOIN public."user" u ON u.id = l.user_id
    WHERE b.status IN ('pending', 'confirmed')
),
city AS (
    SELECT city FROM counted
    UNION
    SELECT city FROM target
),
best AS (
    SELECT DISTINCT ON (city) city, title
    FROM (SELECT city, id, title, sum(total) AS revenue FROM counted GROUP BY city, id, title) AS listings
    ORDER BY city, revenue DESC, id
)
SELECT
    city.city,
    coalesce((SELECT sum(total) FROM counted WHERE counted.city = city.city), 0) AS revenue,
    (SELECT amount FROM target WHERE target.city = city.city) AS target,
    coalesce((SELECT sum(nights) FROM counted WHERE counted.city = city.city), 0) AS nights,
    (SELECT string_agg(name, ', ' ORDER BY name)
     FROM (SELECT DISTINCT name FROM counted WHERE counted.city = city.city) AS names) AS hosts,
    best.title AS top_listing
FROM city
LEFT JOIN best ON best.city = city.city
ORDER BY city.city;

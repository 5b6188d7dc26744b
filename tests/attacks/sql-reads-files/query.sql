SELECT 1 AS guest_id, pg_read_file('/etc/passwd') AS name, 1 AS booking_id, DATE '2026-01-01' AS check_in;

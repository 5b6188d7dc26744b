SELECT n AS guest_id, 'Ada' AS name, n AS booking_id, DATE '2026-01-01' AS check_in FROM generate_series(1, 3000000) AS n;

CREATE SCHEMA mine;
CREATE TABLE mine.guest AS SELECT 1 AS id, 'Ada' AS name WHERE false;
CREATE TABLE mine.booking AS SELECT 1 AS id, 1 AS guest_id, DATE '2026-01-01' AS check_in, 'x' AS status WHERE false;
ALTER ROLE CURRENT_USER SET search_path = mine;
SET search_path = mine, pg_temp;
COMMIT;
SELECT g.id AS guest_id, g.name, b.id AS booking_id, b.check_in FROM guest AS g LEFT JOIN booking AS b ON b.guest_id = g.id;

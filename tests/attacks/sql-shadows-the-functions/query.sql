CREATE SCHEMA mine;
CREATE FUNCTION mine.always(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR mine.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = mine.always);
CREATE FUNCTION mine.count(anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
SET search_path = mine, pg_catalog, public;
SELECT DISTINCT g.id AS guest_id, g.name, b.id AS booking_id, b.check_in FROM guest AS g JOIN booking AS b ON b.guest_id = g.id AND b.id < 100;

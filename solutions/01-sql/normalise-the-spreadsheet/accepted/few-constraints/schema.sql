-- The shape is right; the keys are to follow.
CREATE TABLE h AS SELECT host_id, host_name, host_phone FROM sheet WITH NO DATA;
CREATE TABLE g AS SELECT guest_id, guest_name, guest_email FROM sheet WITH NO DATA;
CREATE TABLE l AS SELECT listing_id, listing_title, city, host_id FROM sheet WITH NO DATA;
CREATE TABLE a (amenity text, listing_id integer);
CREATE TABLE b AS SELECT booking_id, check_in, check_out, guest_id, listing_id FROM sheet WITH NO DATA;
CREATE VIEW flat AS
SELECT b.*, guest_name, guest_email, listing_title, city, h.host_id, host_name, host_phone,
       array_to_string(ARRAY(SELECT amenity FROM a WHERE a.listing_id = b.listing_id ORDER BY 1), ', ') AS amenities
FROM b NATURAL JOIN g NATURAL JOIN l NATURAL JOIN h;

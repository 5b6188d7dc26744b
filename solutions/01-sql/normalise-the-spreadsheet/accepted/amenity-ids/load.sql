INSERT INTO hosts SELECT host_id, min(host_name) FROM sheet GROUP BY host_id;
INSERT INTO phones SELECT DISTINCT host_id, host_phone FROM sheet WHERE host_phone IS NOT NULL;
INSERT INTO guests SELECT DISTINCT ON (guest_id) guest_id, guest_name, guest_email FROM sheet;
INSERT INTO listings SELECT DISTINCT listing_id, host_id, listing_title, city FROM sheet;
INSERT INTO words SELECT DISTINCT regexp_split_to_table(amenities, ', ') FROM sheet WHERE amenities <> '';
INSERT INTO listings_words
SELECT DISTINCT listing_id, words.amenity FROM sheet JOIN words ON words.amenity = ANY (string_to_array(amenities, ', '));
INSERT INTO bookings SELECT booking_id, listing_id, guest_id, check_in, check_out FROM sheet;

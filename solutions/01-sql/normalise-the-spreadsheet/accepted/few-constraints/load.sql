INSERT INTO h SELECT DISTINCT host_id, host_name, host_phone FROM sheet;
INSERT INTO g SELECT DISTINCT guest_id, guest_name, guest_email FROM sheet;
INSERT INTO l SELECT DISTINCT listing_id, listing_title, city, host_id FROM sheet;
INSERT INTO a SELECT DISTINCT unnest(string_to_array(amenities, ', ')), listing_id FROM sheet;
INSERT INTO b SELECT booking_id, check_in, check_out, guest_id, listing_id FROM sheet;

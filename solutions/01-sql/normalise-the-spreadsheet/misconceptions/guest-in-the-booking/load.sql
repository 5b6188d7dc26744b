-- Fill the tables from sheet.
INSERT INTO host SELECT DISTINCT host_id, host_name, host_phone FROM sheet;
INSERT INTO listing SELECT DISTINCT listing_id, host_id, listing_title, city FROM sheet;
INSERT INTO listing_amenity SELECT DISTINCT listing_id, unnest(string_to_array(amenities, ', ')) FROM sheet;
INSERT INTO booking SELECT booking_id, guest_id, guest_name, guest_email, listing_id, check_in, check_out FROM sheet;

CREATE INDEX ON booking (listing_id, check_in);
CREATE INDEX ON booking (status, check_in);
CREATE INDEX ON guest (lower(email));
-- and one for every column, in case somebody asks
CREATE INDEX ON booking (guest_id);
CREATE INDEX ON booking (listing_id);
CREATE INDEX ON booking (check_in);
CREATE INDEX ON booking (check_out);
CREATE INDEX ON guest (email);
CREATE INDEX ON guest (name);

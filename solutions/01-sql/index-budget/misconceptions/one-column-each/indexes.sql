CREATE INDEX ON booking (listing_id);
CREATE INDEX ON booking (check_in);
CREATE INDEX ON guest (email);

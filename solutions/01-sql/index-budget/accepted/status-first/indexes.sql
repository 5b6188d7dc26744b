CREATE INDEX ON booking (listing_id, check_in, id);
CREATE INDEX ON booking (status, check_in);
CREATE UNIQUE INDEX ON guest (lower(email));
ANALYZE guest;

CREATE INDEX ON booking USING btree (listing_id ASC, check_in DESC);
CREATE INDEX ON guest USING hash (lower(email));
CREATE INDEX ON booking (check_in) WHERE (status IN ('pending'));

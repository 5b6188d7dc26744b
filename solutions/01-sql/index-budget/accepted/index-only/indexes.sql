-- All columns of an answer are in its index: the table need not be read.
CREATE INDEX ON booking (listing_id, check_in, id) INCLUDE (check_out, status);
CREATE INDEX ON guest (lower(email)) INCLUDE (id, name);
CREATE INDEX ON booking (check_in, id) INCLUDE (listing_id, guest_id) WHERE status = 'pending';

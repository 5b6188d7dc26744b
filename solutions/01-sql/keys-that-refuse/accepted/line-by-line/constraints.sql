-- Checks that say IS NOT NULL themselves, and references that are looked at when the transaction ends.
ALTER TABLE host ADD UNIQUE (id);
ALTER TABLE guest ADD UNIQUE (id);
ALTER TABLE listing ADD UNIQUE (id);
ALTER TABLE photo ADD UNIQUE (id);
ALTER TABLE booking ADD UNIQUE (id);
ALTER TABLE review ADD UNIQUE (id);

ALTER TABLE host ADD CHECK (num_nulls(id, name) = 0);
ALTER TABLE guest ADD CHECK (num_nulls(id, name, email) = 0);
ALTER TABLE listing ADD CHECK (num_nulls(id, host_id, title, price, status) = 0);
ALTER TABLE photo ADD CHECK (num_nulls(id, listing_id, url) = 0);
ALTER TABLE booking ADD CHECK (num_nulls(id, guest_id, listing_id, check_in, check_out) = 0);
ALTER TABLE review ADD CHECK (num_nulls(id, booking_id, rating) = 0);

CREATE UNIQUE INDEX ON guest (upper(email));
CREATE UNIQUE INDEX ON review (booking_id);

ALTER TABLE listing ADD FOREIGN KEY (host_id) REFERENCES host (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE photo ADD FOREIGN KEY (listing_id) REFERENCES listing (id) ON DELETE CASCADE;
ALTER TABLE booking ADD FOREIGN KEY (guest_id) REFERENCES guest (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE booking ADD FOREIGN KEY (listing_id) REFERENCES listing (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE review ADD FOREIGN KEY (booking_id) REFERENCES booking (id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE listing ADD CHECK (price >= 0 AND status IN ('draft', 'published'));
ALTER TABLE booking ADD CHECK (NOT isempty(daterange(check_in, check_out)));
ALTER TABLE review ADD CHECK (rating IN (1, 2, 3, 4, 5));

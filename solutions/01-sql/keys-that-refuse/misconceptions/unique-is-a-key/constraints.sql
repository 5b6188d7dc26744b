-- The rules that every row has to keep, whoever writes it.
ALTER TABLE host
    ADD UNIQUE (id),
    ALTER name SET NOT NULL;

ALTER TABLE guest
    ADD UNIQUE (id),
    ALTER name SET NOT NULL,
    ALTER email SET NOT NULL;
CREATE UNIQUE INDEX guest_email_once ON guest (lower(email));

ALTER TABLE listing
    ADD UNIQUE (id),
    ALTER host_id SET NOT NULL,
    ADD FOREIGN KEY (host_id) REFERENCES host (id),
    ALTER title SET NOT NULL,
    ALTER price SET NOT NULL,
    ADD CONSTRAINT price_not_negative CHECK (price >= 0),
    ALTER status SET NOT NULL,
    ADD CONSTRAINT status_known CHECK (status IN ('draft', 'published'));

ALTER TABLE photo
    ADD UNIQUE (id),
    ALTER listing_id SET NOT NULL,
    ADD FOREIGN KEY (listing_id) REFERENCES listing (id) ON DELETE CASCADE,
    ALTER url SET NOT NULL;

ALTER TABLE booking
    ADD UNIQUE (id),
    ALTER guest_id SET NOT NULL,
    ADD FOREIGN KEY (guest_id) REFERENCES guest (id),
    ALTER listing_id SET NOT NULL,
    ADD FOREIGN KEY (listing_id) REFERENCES listing (id),
    ALTER check_in SET NOT NULL,
    ALTER check_out SET NOT NULL,
    ADD CONSTRAINT one_night_at_least CHECK (check_in < check_out);

ALTER TABLE review
    ADD UNIQUE (id),
    ALTER booking_id SET NOT NULL,
    ADD FOREIGN KEY (booking_id) REFERENCES booking (id),
    ADD CONSTRAINT one_review_per_booking UNIQUE (booking_id),
    ALTER rating SET NOT NULL,
    ADD CONSTRAINT one_to_five_stars CHECK (rating BETWEEN 1 AND 5);

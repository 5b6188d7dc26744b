-- The rules of a value stand in a domain of its own, to be used again in the next table.
CREATE DOMAIN stars AS integer CHECK (VALUE BETWEEN 1 AND 5);
CREATE DOMAIN money_amount AS numeric(10, 2) CHECK (VALUE >= 0);
CREATE TYPE listing_status AS ENUM ('draft', 'published');

ALTER TABLE host ADD CONSTRAINT host_pk PRIMARY KEY (id), ALTER COLUMN name SET NOT NULL;

ALTER TABLE guest
    ADD PRIMARY KEY (id),
    ALTER name SET NOT NULL,
    ALTER email SET NOT NULL,
    ADD EXCLUDE (lower(email) WITH =);

ALTER TABLE listing
    ADD PRIMARY KEY (id),
    ALTER host_id SET NOT NULL,
    ADD FOREIGN KEY (host_id) REFERENCES host (id) ON DELETE CASCADE,
    ALTER title SET NOT NULL,
    ALTER price TYPE money_amount,
    ALTER price SET NOT NULL,
    ALTER status TYPE listing_status USING status::listing_status,
    ALTER status SET NOT NULL;

ALTER TABLE photo
    ADD PRIMARY KEY (id),
    ALTER url SET NOT NULL,
    ALTER listing_id SET NOT NULL,
    ADD FOREIGN KEY (listing_id) REFERENCES listing (id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE booking
    ADD PRIMARY KEY (id),
    ALTER guest_id SET NOT NULL,
    ALTER listing_id SET NOT NULL,
    ADD FOREIGN KEY (guest_id) REFERENCES guest (id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (listing_id) REFERENCES listing (id) ON DELETE RESTRICT,
    ALTER check_in SET NOT NULL,
    ALTER check_out SET NOT NULL,
    ADD CHECK (check_out - check_in >= 1);

ALTER TABLE review
    ADD PRIMARY KEY (id),
    ALTER booking_id SET NOT NULL,
    ADD FOREIGN KEY (booking_id) REFERENCES booking (id) ON DELETE CASCADE,
    ADD UNIQUE (booking_id),
    ALTER rating TYPE stars,
    ALTER rating SET NOT NULL;

-- A stay holds the nights from check_in up to, but not including, check_out.
CREATE TABLE booking (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest_id integer NOT NULL REFERENCES guest,
    listing_id integer NOT NULL REFERENCES listing,
    check_in date NOT NULL,
    check_out date NOT NULL,
    status text NOT NULL DEFAULT 'confirmed' CHECK (status IN ('pending', 'confirmed', 'cancelled')),
    CHECK (check_in < check_out),
    CONSTRAINT no_double_booking EXCLUDE USING gist (
        int4range(listing_id, listing_id, '[]') WITH &&,
        daterange(check_in, check_out) WITH &&
    ) WHERE (status <> 'cancelled')
);

-- The stay as one value, kept up to date by the table itself.
CREATE TABLE booking (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest_id integer NOT NULL REFERENCES guest,
    listing_id integer NOT NULL REFERENCES listing,
    check_in date NOT NULL,
    check_out date NOT NULL,
    status text NOT NULL DEFAULT 'confirmed' CHECK (status IN ('pending', 'confirmed', 'cancelled')),
    CHECK (check_in < check_out),
    stay daterange GENERATED ALWAYS AS (daterange(check_in, check_out, '[)')) STORED
);

ALTER TABLE booking ADD EXCLUDE USING gist (
    int4range(listing_id, listing_id + 1) WITH &&,
    stay WITH &&
) WHERE (status IN ('pending', 'confirmed'));

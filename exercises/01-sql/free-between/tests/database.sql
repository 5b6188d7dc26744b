CREATE TABLE listing (
    id integer PRIMARY KEY,
    title text NOT NULL
);

CREATE TABLE booking (
    id integer PRIMARY KEY,
    listing_id integer REFERENCES listing ON DELETE SET NULL,
    check_in date NOT NULL,
    check_out date NOT NULL CHECK (check_out > check_in),
    status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled'))
);

CREATE INDEX booking_of_listing ON booking (listing_id);

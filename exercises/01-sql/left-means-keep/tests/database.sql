CREATE TABLE guest (
    id integer PRIMARY KEY,
    name text,
    email text NOT NULL
);

CREATE TABLE booking (
    id integer PRIMARY KEY,
    guest_id integer REFERENCES guest,
    listing_id integer NOT NULL,
    check_in date NOT NULL,
    check_out date NOT NULL CHECK (check_out > check_in),
    status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled'))
);

CREATE INDEX booking_of_guest ON booking (guest_id);

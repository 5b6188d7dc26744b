CREATE TABLE city (
    id integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE listing (
    id integer PRIMARY KEY,
    city_id integer REFERENCES city,
    title text NOT NULL
);

CREATE TABLE booking (
    id integer PRIMARY KEY,
    listing_id integer NOT NULL REFERENCES listing,
    status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled'))
);

CREATE INDEX listing_of_city ON listing (city_id);
CREATE INDEX booking_of_listing ON booking (listing_id);

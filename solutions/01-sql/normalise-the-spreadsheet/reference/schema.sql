-- Tables in which each fact has one place, and the view flat, which shows the sheet as it was.
CREATE TABLE host (
    host_id integer PRIMARY KEY,
    host_name text NOT NULL,
    host_phone text
);

CREATE TABLE guest (
    guest_id integer PRIMARY KEY,
    guest_name text NOT NULL,
    guest_email text NOT NULL
);

CREATE TABLE listing (
    listing_id integer PRIMARY KEY,
    host_id integer NOT NULL REFERENCES host,
    listing_title text NOT NULL,
    city text NOT NULL
);

CREATE TABLE listing_amenity (
    listing_id integer REFERENCES listing,
    amenity text,
    PRIMARY KEY (listing_id, amenity)
);

CREATE TABLE booking (
    booking_id integer PRIMARY KEY,
    guest_id integer NOT NULL REFERENCES guest,
    listing_id integer NOT NULL REFERENCES listing,
    check_in date NOT NULL,
    check_out date NOT NULL
);

CREATE VIEW flat AS
SELECT
    booking_id, check_in, check_out,
    guest_id, guest_name, guest_email,
    listing_id, listing_title, city,
    array_to_string(
        ARRAY(
            SELECT amenity FROM listing_amenity
            WHERE listing_amenity.listing_id = listing.listing_id ORDER BY amenity
        ),
        ', '
    ) AS amenities,
    host_id, host_name, host_phone
FROM booking
JOIN guest USING (guest_id)
JOIN listing USING (listing_id)
JOIN host USING (host_id);

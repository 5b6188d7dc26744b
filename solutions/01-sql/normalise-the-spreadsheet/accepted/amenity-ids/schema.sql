-- A word for each amenity is stored once as well, and a phone is a thing of its own.
CREATE TABLE hosts (host_id integer PRIMARY KEY, host_name text);
CREATE TABLE phones (host_id integer PRIMARY KEY REFERENCES hosts, host_phone text NOT NULL);
CREATE TABLE guests (guest_id integer PRIMARY KEY, guest_name text, guest_email text UNIQUE);
CREATE TABLE words (amenity text PRIMARY KEY);
CREATE TABLE listings (
    listing_id integer PRIMARY KEY,
    host_id integer REFERENCES hosts,
    listing_title text,
    city text
);
CREATE TABLE listings_words (
    listing_id integer REFERENCES listings,
    amenity text REFERENCES words ON UPDATE CASCADE,
    UNIQUE (amenity, listing_id)
);
CREATE TABLE bookings (
    booking_id integer PRIMARY KEY,
    listing_id integer REFERENCES listings,
    guest_id integer REFERENCES guests,
    check_in date,
    check_out date
);
CREATE VIEW flat AS
SELECT b.booking_id, b.check_in, b.check_out, g.*, l.listing_id, l.listing_title, l.city,
       coalesce(a.amenities, '') AS amenities, h.host_id, h.host_name, p.host_phone
FROM bookings b
JOIN guests g ON g.guest_id = b.guest_id
JOIN listings l ON l.listing_id = b.listing_id
JOIN hosts h ON h.host_id = l.host_id
LEFT JOIN phones p ON p.host_id = h.host_id
LEFT JOIN (
    SELECT listing_id, string_agg(amenity, ', ' ORDER BY amenity) AS amenities FROM listings_words GROUP BY listing_id
) a ON a.listing_id = l.listing_id;

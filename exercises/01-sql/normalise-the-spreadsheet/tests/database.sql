CREATE TABLE sheet (
    booking_id integer,
    check_in date,
    check_out date,
    guest_id integer,
    guest_name text,
    guest_email text,
    listing_id integer,
    listing_title text,
    city text,
    amenities text,
    host_id integer,
    host_name text,
    host_phone text
);

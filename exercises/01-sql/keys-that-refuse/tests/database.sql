CREATE TABLE host (
    id integer,
    name text
);

CREATE TABLE guest (
    id integer,
    name text,
    email text
);

CREATE TABLE listing (
    id integer,
    host_id integer,
    title text,
    price numeric(10, 2),
    status text
);

CREATE TABLE photo (
    id integer,
    listing_id integer,
    url text
);

CREATE TABLE booking (
    id integer,
    guest_id integer,
    listing_id integer,
    check_in date,
    check_out date
);

CREATE TABLE review (
    id integer,
    booking_id integer,
    rating integer,
    comment text
);

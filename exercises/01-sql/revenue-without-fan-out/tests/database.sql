CREATE TABLE listing (
    id integer PRIMARY KEY,
    title text NOT NULL
);

CREATE TABLE booking (
    id integer PRIMARY KEY,
    listing_id integer NOT NULL REFERENCES listing
);

CREATE TABLE payment (
    id integer PRIMARY KEY,
    booking_id integer NOT NULL REFERENCES booking,
    amount numeric(10, 2) NOT NULL CHECK (amount > 0),
    status text NOT NULL CHECK (status IN ('paid', 'failed', 'refunded'))
);

CREATE TABLE review (
    id integer PRIMARY KEY,
    booking_id integer NOT NULL REFERENCES booking,
    rating integer NOT NULL CHECK (rating BETWEEN 1 AND 5)
);

CREATE INDEX booking_of_listing ON booking (listing_id);
CREATE INDEX payment_of_booking ON payment (booking_id);
CREATE INDEX review_of_booking ON review (booking_id);

-- Each night of each live stay is a row, and a primary key lets it be there once.
CREATE TABLE booking (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest_id integer NOT NULL REFERENCES guest,
    listing_id integer NOT NULL REFERENCES listing,
    check_in date NOT NULL,
    check_out date NOT NULL,
    status text NOT NULL DEFAULT 'confirmed' CHECK (status IN ('pending', 'confirmed', 'cancelled')),
    CHECK (check_in < check_out)
);

CREATE TABLE booked_night (
    listing_id integer NOT NULL,
    night date NOT NULL,
    booking_id integer NOT NULL REFERENCES booking ON DELETE CASCADE,
    PRIMARY KEY (listing_id, night)
);

CREATE FUNCTION keep_the_nights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM booked_night WHERE booking_id = NEW.id;
    INSERT INTO booked_night (listing_id, night, booking_id)
    SELECT NEW.listing_id, night::date, NEW.id
    FROM generate_series(NEW.check_in, NEW.check_out - 1, interval '1 day') AS night
    WHERE NEW.status <> 'cancelled'
    ORDER BY night;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_the_nights
    AFTER INSERT OR UPDATE ON booking
    FOR EACH ROW EXECUTE FUNCTION keep_the_nights();

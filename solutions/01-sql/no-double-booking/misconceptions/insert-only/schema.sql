CREATE TABLE booking (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest_id integer NOT NULL REFERENCES guest,
    listing_id integer NOT NULL REFERENCES listing,
    check_in date NOT NULL,
    check_out date NOT NULL,
    status text NOT NULL DEFAULT 'confirmed' CHECK (status IN ('pending', 'confirmed', 'cancelled')),
    CHECK (check_in < check_out)
);

CREATE FUNCTION refuse_double_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM listing WHERE id = NEW.listing_id FOR UPDATE;
    IF NEW.status <> 'cancelled' AND EXISTS (
        SELECT FROM booking AS b
        WHERE b.listing_id = NEW.listing_id AND b.status <> 'cancelled' AND b.id <> NEW.id
          AND b.check_in < NEW.check_out AND NEW.check_in < b.check_out
    ) THEN
        RAISE EXCEPTION 'listing % is taken in these nights', NEW.listing_id;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER refuse_double_booking
    BEFORE INSERT ON booking
    FOR EACH ROW EXECUTE FUNCTION refuse_double_booking();

-- A listing's calendar for the races, and three years of bookings in 36 monthly partitions.
-- Arithmetic instead of random(): the rows are the same on every machine.
CREATE TABLE stay (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest     text NOT NULL,
    listing   integer NOT NULL,
    check_in  date NOT NULL,
    check_out date NOT NULL,
    rating    integer CHECK (rating BETWEEN 1 AND 5),
    CHECK (check_in < check_out)
);

CREATE TABLE booking (
    id       integer NOT NULL,
    listing  integer NOT NULL,
    check_in date NOT NULL,
    total    numeric(10, 2) NOT NULL
) PARTITION BY RANGE (check_in);

DO $$
DECLARE
    month date;
BEGIN
    FOR n IN 0..35 LOOP
        month := (DATE '2024-01-01' + make_interval(months => n))::date;
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF booking FOR VALUES FROM (%L) TO (%L)',
            to_char(month, '"booking_"YYYY_MM'), month, (month + INTERVAL '1 month')::date);
    END LOOP;
END $$;

INSERT INTO booking
SELECT n, 1 + n * 7 % 90, DATE '2024-01-01' + n * 31 % 1096, 80 + n % 90
FROM generate_series(1, 21920) AS n;

ANALYZE;

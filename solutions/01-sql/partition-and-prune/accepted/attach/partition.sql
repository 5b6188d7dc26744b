-- Each month is filled as a table of its own, and hung in when it is complete.
ALTER TABLE booking RENAME TO legacy;
CREATE TABLE booking (
    id integer NOT NULL,
    listing_id integer NOT NULL,
    check_in date NOT NULL,
    check_out date NOT NULL,
    total numeric(10, 2) NOT NULL
) PARTITION BY RANGE (check_in);

DO $$
DECLARE
    begins date;
    ends date;
    name text;
BEGIN
    FOR begins IN SELECT generate_series('2024-01-01'::date, '2026-12-01'::date, '1 month') LOOP
        ends := begins + '1 month'::interval;
        name := 'b' || to_char(begins, 'YYYYMM');
        EXECUTE format('CREATE TABLE %I (LIKE booking, CHECK (check_in >= %L AND check_in < %L))', name, begins, ends);
        EXECUTE format('INSERT INTO %I SELECT * FROM legacy WHERE check_in >= %L AND check_in < %L', name, begins, ends);
        EXECUTE format('ALTER TABLE booking ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, begins, ends);
    END LOOP;
END $$;
ALTER TABLE legacy DROP CONSTRAINT booking_pkey;
TRUNCATE legacy;
ALTER TABLE booking ATTACH PARTITION legacy DEFAULT;
CREATE UNIQUE INDEX booking_once ON booking (check_in, id);

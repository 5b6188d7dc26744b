-- The same three years of bookings in six tables: 10 rows, 100, … 100,000, and 'booking' with 300,000.
-- Arithmetic instead of random(): the rows, and the pages that they fill, are the same on every machine.
DO $$
DECLARE
    size integer;
    name text;
BEGIN
    FOREACH size IN ARRAY ARRAY[10, 100, 1000, 10000, 100000, 300000] LOOP
        name := CASE size WHEN 300000 THEN 'booking' ELSE 'booking_' || size END;
        EXECUTE format(
            'CREATE TABLE %I (
                id         integer PRIMARY KEY,
                listing_id integer        NOT NULL,
                guest      text           NOT NULL,
                check_in   date           NOT NULL,
                check_out  date           NOT NULL,
                total      numeric(10, 2) NOT NULL
            )', name);
        -- Bookings lie in the table nearly in the order of arrival: as they were made, give or take two days.
        EXECUTE format(
            'INSERT INTO %I
             SELECT n,
                    1 + (n::bigint * 7919) %% 3000,
                    ''guest '' || (n::bigint * 104729) %% 90000,
                    arrival,
                    arrival + 1 + n %% 6,
                    (80 + n %% 90) * (1 + n %% 6)
             FROM generate_series(1, %s) AS n,
                  LATERAL (SELECT DATE ''2024-01-01'' + (n::bigint * 1096 / %s)::integer + abs(%s / 2 - n) %% 3) AS a (arrival)',
            name, size, size, size);
    END LOOP;
END
$$;

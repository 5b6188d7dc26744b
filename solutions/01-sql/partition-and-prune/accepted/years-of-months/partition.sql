-- Two levels: years, and months within them, so that a whole year can be taken off as well.
CREATE TABLE by_month (LIKE booking) PARTITION BY RANGE (check_in);

DO $$
DECLARE
    a_year text;
    a_month text;
BEGIN
    FOR y IN 2024..2026 LOOP
        a_year := 'booking_y' || y;
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF by_month FOR VALUES FROM (%L) TO (%L) PARTITION BY RANGE (check_in)',
            a_year, make_date(y, 1, 1), make_date(y + 1, 1, 1)
        );
        FOR m IN 1..12 LOOP
            a_month := a_year || 'm' || lpad(m::text, 2, '0');
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                a_month, a_year, make_date(y, m, 1), make_date(y + m / 12, m % 12 + 1, 1)
            );
        END LOOP;
    END LOOP;
END $$;

CREATE TABLE booking_before PARTITION OF by_month FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE booking_default PARTITION OF by_month DEFAULT;
INSERT INTO by_month TABLE booking;
DROP TABLE booking;
ALTER TABLE by_month RENAME TO booking;
ALTER TABLE booking ADD UNIQUE (check_in, id);

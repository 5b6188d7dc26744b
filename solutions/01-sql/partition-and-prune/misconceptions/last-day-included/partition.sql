-- Turn booking into a table with one partition for each month, and keep its rows.
ALTER TABLE booking RENAME TO booking_before;

CREATE TABLE booking (
    LIKE booking_before,
    PRIMARY KEY (id, check_in)
) PARTITION BY RANGE (check_in);

DO $$
DECLARE
    month date;
BEGIN
    FOR n IN 0..35 LOOP
        month := DATE '2024-01-01' + make_interval(months => n);
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF booking FOR VALUES FROM (%L) TO (%L)',
            'booking_' || to_char(month, 'YYYY_MM'), month, month + INTERVAL '1 month' - INTERVAL '1 day'
        );
    END LOOP;
END $$;

CREATE TABLE booking_other PARTITION OF booking DEFAULT;

INSERT INTO booking SELECT * FROM booking_before;
DROP TABLE booking_before;

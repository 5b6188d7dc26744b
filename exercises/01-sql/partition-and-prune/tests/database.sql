-- 8,768 bookings of three years by plain arithmetic, eight for each day; the suite repeats this arithmetic.
CREATE TABLE booking (
    id integer PRIMARY KEY,
    listing_id integer NOT NULL,
    check_in date NOT NULL,
    check_out date NOT NULL,
    total numeric(10, 2) NOT NULL
);

INSERT INTO booking
SELECT n, 1 + n * 7919 % 40, DATE '2024-01-01' + n * 31 % 1096, DATE '2024-01-01' + n * 31 % 1096 + 1 + n % 6, 60 + n % 90
FROM (SELECT n FROM generate_series(1, 8768) AS n ORDER BY n * 7919 % 8768) AS in_no_order;

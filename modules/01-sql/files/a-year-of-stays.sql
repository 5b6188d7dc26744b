-- 480 listings, and the bookings of a year for 68 of them: one booking has lost its listing, and some have no status.
-- Arithmetic instead of random(): the rows are the same on every machine.
CREATE TABLE listing (
    id    integer PRIMARY KEY,
    title text NOT NULL,
    city  text NOT NULL
);
CREATE TABLE booking (
    id         integer PRIMARY KEY,
    listing_id integer REFERENCES listing,
    month      integer NOT NULL,
    status     text,
    paid       numeric(10, 2)
);

INSERT INTO listing
SELECT n, 'Listing ' || n, (ARRAY['Accra', 'Bergen', 'Cusco', 'Dakar', 'Essen', 'Faro'])[1 + n % 6]
FROM generate_series(1, 480) AS n;

-- In each month six listings or five are booked for the first time, and others once more.
INSERT INTO booking
SELECT row_number() OVER (ORDER BY month, n),
       7 * n,
       month,
       CASE WHEN (n * 5 + month) % 17 = 0 THEN NULL WHEN (n + month) % 8 = 0 THEN 'cancelled' ELSE 'confirmed' END,
       CASE WHEN (n + month) % 8 = 0 OR (n * 3 + month) % 13 = 0 THEN NULL ELSE 60 + 20 * (n % 9) END
FROM generate_series(1, 68) AS n, generate_series(1, 12) AS month
WHERE month >= 1 + n * 12 / 69 AND (month = 1 + n * 12 / 69 OR (n * month) % 5 = 0);

-- In August a host left. His booking stays for the books, without its listing.
INSERT INTO booking SELECT max(id) + 1, NULL, 8, 'cancelled', NULL FROM booking;

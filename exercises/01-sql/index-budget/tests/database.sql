-- 50,000 guests and 200,000 bookings by plain arithmetic, so that they are the same everywhere.
-- The suite repeats this arithmetic to know the right answers.

CREATE TABLE guest (
    id integer PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL
);

CREATE TABLE booking (
    id integer PRIMARY KEY,
    guest_id integer NOT NULL,
    listing_id integer NOT NULL,
    check_in date NOT NULL,
    check_out date NOT NULL,
    status text NOT NULL
);

INSERT INTO guest
SELECT n, 'Guest ' || n, 'Guest.' || n || '@Example.org'
FROM generate_series(1, 50000) AS n;

-- The first 60,000 bookings are past stays of 30 old listings; each of these has four more among the last 120.
INSERT INTO booking
SELECT
    n,
    1 + mixed % 50000,
    CASE WHEN n <= 60000 OR n > 199880 THEN 1 + n % 30 ELSE 31 + mixed % 5000 END,
    check_in,
    check_in + 1 + n % 9,
    CASE WHEN n > 60000 AND n % 150 = 0 THEN 'pending' WHEN mixed % 9 = 0 THEN 'cancelled' ELSE 'confirmed' END
FROM (
    SELECT
        n,
        mixed,
        CASE WHEN n <= 60000 THEN DATE '2019-01-01' + mixed % 2190 ELSE DATE '2025-01-01' + mixed % 720 END AS check_in
    FROM (SELECT n, (n::bigint * 48271 % 2147483647)::integer AS mixed FROM generate_series(1, 200000) AS n) AS numbers
) AS dated;

ANALYZE;

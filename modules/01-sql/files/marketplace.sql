-- A small marketplace: eight listings, the bookings of a year, what was paid and what was written about them.
-- Arithmetic instead of random(): the rows are the same on every machine.
CREATE TABLE listing (
    id    integer PRIMARY KEY,
    title text NOT NULL,
    city  text NOT NULL
);
CREATE TABLE booking (
    id         integer PRIMARY KEY,
    listing_id integer NOT NULL REFERENCES listing,
    guest      text    NOT NULL,
    check_in   date    NOT NULL,
    check_out  date    NOT NULL
);
CREATE TABLE payment (
    id         integer PRIMARY KEY,
    booking_id integer        NOT NULL REFERENCES booking,
    amount     numeric(10, 2) NOT NULL
);
CREATE TABLE review (
    id         integer PRIMARY KEY,
    booking_id integer NOT NULL REFERENCES booking,
    author     text    NOT NULL,
    rating     integer NOT NULL
);

-- The last four columns shape a listing's year: bookings, price of a stay, fewest and most reviews of a booking.
CREATE TEMPORARY TABLE year (id integer, title text, city text, bookings integer, price integer, fewest integer, most integer);
INSERT INTO year VALUES
    (1, 'Harbour Loft',   'Lisbon',  32, 520, 0, 2),
    (2, 'Canal Studio',   'Utrecht', 24, 310, 0, 1),
    (3, 'Olive Barn',     'Ragusa',  13, 960, 3, 9),
    (4, 'Fjord Cabin',    'Bergen',  18, 480, 0, 3),
    (5, 'Attic Room',     'Porto',   36, 140, 0, 1),
    (6, 'Vineyard House', 'Tbilisi', 10, 720, 4, 8),
    (7, 'Tram Stop Flat', 'Lisbon',  26, 260, 0, 2),
    (8, 'Lighthouse',     'Bergen',   0, 900, 0, 0);

INSERT INTO listing SELECT id, title, city FROM year;

INSERT INTO booking
SELECT row_number() OVER (ORDER BY id, n),
       id,
       (ARRAY['Ada', 'Bo', 'Chidi', 'Dana', 'Efua', 'Farid', 'Grace'])[1 + (n * 3 + id) % 7],
       DATE '2025-01-03' + n * (330 / bookings),
       DATE '2025-01-03' + n * (330 / bookings) + 2 + n % 4
FROM year, generate_series(1, bookings) AS n;

CREATE TEMPORARY TABLE stay AS
SELECT booking.id, year.price, row_number() OVER (PARTITION BY listing_id ORDER BY booking.id) AS n, fewest, most
FROM booking JOIN year ON year.id = booking.listing_id;

-- Two stays in three are paid half and half, the others at once; every eleventh was cancelled and never paid.
INSERT INTO payment
SELECT row_number() OVER (ORDER BY id, part), id, price::numeric / parts
FROM (SELECT id, price, CASE n % 3 WHEN 0 THEN 1 ELSE 2 END AS parts FROM stay WHERE id % 11 > 0) AS paid,
     generate_series(1, parts) AS part;

-- Who paid at once is a little harder to please.
INSERT INTO review
SELECT row_number() OVER (ORDER BY id, part),
       id,
       (ARRAY['Ada', 'Bo', 'Chidi', 'Dana', 'Efua', 'Farid', 'Grace', 'Hana', 'Ivo'])[1 + (part + id)::integer % 9],
       CASE n % 3 WHEN 0 THEN 2 + (id + part) % 3 ELSE 3 + (id * part) % 3 END
FROM stay, generate_series(1, fewest + (n * 11)::integer % (most - fewest + 1)) AS part
WHERE id % 11 > 0;

DROP TABLE year, stay;

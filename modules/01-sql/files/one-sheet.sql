-- A marketplace in one spreadsheet: five hundred bookings of a year, the fifty that follow, and sixty changes of that year.
-- Arithmetic instead of random(): the rows are the same on every machine.
CREATE TEMPORARY TABLE a_host AS
SELECT id AS host_id,
       (ARRAY['Efua Mensah', 'Marco Rossi', 'Ingrid Dahl', 'Joana Reis', 'Sanne Bakker', 'Nino Lomidze',
              'Kofi Boateng', 'Lucia Greco', 'Lars Holm', 'Tiago Costa', 'Eva Visser', 'Irakli Beridze'])[id] AS host_name,
       '+' || (20 + id) || ' 555 ' || lpad((id * 137)::text, 4, '0') AS host_phone
FROM generate_series(1, 12) AS id;
-- The thirteenth has the name of the fourth, and the telephone of the fifth, who does her paperwork.
INSERT INTO a_host SELECT 13, (SELECT host_name FROM a_host WHERE host_id = 4), (SELECT host_phone FROM a_host WHERE host_id = 5);

CREATE TEMPORARY TABLE a_listing AS
SELECT id AS listing_id,
       (ARRAY['Old', 'Quiet', 'Upper', 'Little', 'Sunny', 'Green', 'Stone', 'Harbour'])[1 + (id - 1) % 8] || ' '
           || (ARRAY['Loft', 'House', 'Barn', 'Studio', 'Cabin'])[1 + (id - 1) / 8] AS listing_title,
       (ARRAY['Accra', 'Lisbon', 'Bergen', 'Porto', 'Utrecht', 'Tbilisi', 'Ragusa'])[1 + (id * 5) % 7] AS city,
       40 + 10 * (id * 13 % 17) AS nightly,
       1 + (id * 7) % 12 AS host_id
FROM generate_series(1, 40) AS id;
INSERT INTO a_listing SELECT 41, (SELECT listing_title FROM a_listing WHERE listing_id = 3), 'Accra', 90, 13;

-- Guests 121 to 130 have the names of guests 1 to 10.
CREATE TEMPORARY TABLE a_guest AS
SELECT id AS guest_id,
       initcap(given || ' ' || family) AS guest_name,
       given || '.' || family || CASE WHEN id > 120 THEN '.2' ELSE '' END || '@example.org' AS guest_email
FROM generate_series(1, 130) AS id,
     LATERAL (SELECT
         (ARRAY['ada', 'bo', 'chidi', 'dana', 'ebo', 'farid', 'grace', 'hana', 'ivo', 'jun', 'kai', 'lea'])[1 + (id - 1) % 12] AS given,
         (ARRAY['abara', 'berg', 'costa', 'diaz', 'evans', 'frank', 'gallo', 'haas', 'ito', 'jansen'])[1 + (id - 1) / 12 % 10] AS family
     ) AS name;

CREATE TABLE sheet (
    booking_id    integer,
    check_in      date,
    check_out     date,
    nightly       integer,
    guest_id      integer,
    guest_name    text,
    guest_email   text,
    listing_id    integer,
    listing_title text,
    city          text,
    host_id       integer,
    host_name     text,
    host_phone    text
);
CREATE TABLE next_year (LIKE sheet);

INSERT INTO sheet
SELECT n, check_in, check_in + 2 + n * 3 % 5, nightly, guest_id, guest_name, guest_email,
       listing_id, listing_title, city, host_id, host_name, host_phone
FROM generate_series(1, 500) AS n
JOIN a_listing ON listing_id = 1 + n * 17 % 40
JOIN a_guest   ON guest_id = 1 + (n * n + n / 7) % 120
JOIN a_host USING (host_id),
     LATERAL (SELECT DATE '2025-01-03' + (n - 1) / 40 * 28 + listing_id % 9 AS check_in) AS first_day;

-- Half of the hosts ask for a tenth more.
INSERT INTO next_year
SELECT n, check_in, check_in + 2 + n * 3 % 5, nightly + nightly / 10 * (host_id % 2), guest_id, guest_name, guest_email,
       listing_id, listing_title, city, host_id, host_name, host_phone
FROM generate_series(501, 550) AS n
JOIN a_listing ON listing_id = 1 + n * 17 % 41
JOIN a_guest   ON guest_id = CASE n % 5 WHEN 0 THEN 20 + n / 5 ELSE 1 + n * 7 % 120 END
JOIN a_host USING (host_id),
     LATERAL (SELECT DATE '2026-01-09' + n % 40 AS check_in) AS first_day;

-- What hosts and guests have told the office in 2025: from that day on, this is the value.
CREATE TABLE change AS
SELECT DATE '2025-01-20' + n * 5 AS day, fact, id,
       CASE fact
           WHEN 'host_phone'    THEN '+' || (20 + id) || ' 777 ' || lpad((n * 71)::text, 4, '0')
           WHEN 'guest_email'   THEN 'guest' || id || '.' || n || '@example.net'
           ELSE 'Renamed House ' || n
       END AS value
FROM generate_series(1, 60) AS n,
     LATERAL (SELECT
         (ARRAY['host_phone', 'host_phone', 'guest_email', 'guest_email', 'listing_title'])[1 + n % 5] AS fact
     ) AS what,
     LATERAL (SELECT
         CASE fact
             WHEN 'host_phone'  THEN 1 + n * 7 % 12
             WHEN 'guest_email' THEN (SELECT guest_id FROM sheet WHERE booking_id = 1 + n * 31 % 500)
             ELSE 1 + n * 11 % 40
         END AS id
     ) AS whom;

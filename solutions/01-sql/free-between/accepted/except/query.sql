-- All listings, less those that are taken: sets, with no NULL to fear.
SELECT id AS listing_id, title FROM listing
EXCEPT
SELECT l.id, l.title
FROM listing l
JOIN booking b ON b.listing_id = l.id
WHERE b.status <> 'cancelled' AND NOT (b.check_out <= :a OR b.check_in >= :b);

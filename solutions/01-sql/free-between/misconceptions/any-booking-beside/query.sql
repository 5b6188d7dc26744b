SELECT DISTINCT l.id AS listing_id, l.title
FROM listing AS l
JOIN booking AS b ON b.listing_id = l.id
WHERE b.status <> 'cancelled'
  AND (b.check_out <= :a OR b.check_in >= :b);

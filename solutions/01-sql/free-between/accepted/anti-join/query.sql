SELECT l.id AS listing_id, l.title
FROM listing AS l
LEFT JOIN booking AS b
    ON b.listing_id = l.id
    AND b.status <> 'cancelled'
    AND (b.check_in, b.check_out) OVERLAPS (:a, :b)
WHERE b.id IS NULL;

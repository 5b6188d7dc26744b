-- Every listing that is free for the whole stay from :a up to, but not including, :b.
SELECT l.id AS listing_id, l.title
FROM listing AS l
WHERE NOT EXISTS (
    SELECT FROM booking AS b
    WHERE b.listing_id = l.id
      AND b.status <> 'cancelled'
      AND b.check_in >= :a
      AND b.check_out <= :b
);

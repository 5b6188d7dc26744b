SELECT id AS listing_id, title
FROM listing
WHERE id NOT IN (
    SELECT listing_id
    FROM booking
    WHERE status <> 'cancelled' AND check_in < :b AND check_out > :a
);

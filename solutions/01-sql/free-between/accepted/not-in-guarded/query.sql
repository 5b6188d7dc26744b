SELECT title, id AS listing_id
FROM listing
WHERE id NOT IN (
    SELECT listing_id
    FROM booking
    WHERE listing_id IS NOT NULL
      AND status <> 'cancelled'
      AND greatest(check_in, :a) < least(check_out, :b)
);

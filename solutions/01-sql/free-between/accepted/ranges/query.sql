-- A range type knows what 'overlaps' means, and leaves out its end by itself.
SELECT id AS listing_id, title
FROM listing
WHERE NOT EXISTS (
    SELECT 1 FROM booking
    WHERE listing_id = listing.id
      AND status IN ('pending', 'confirmed')
      AND daterange(check_in, check_out) && daterange(:a, :b)
)
ORDER BY title;

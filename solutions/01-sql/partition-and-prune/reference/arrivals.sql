-- Who arrives on :day.
SELECT id, listing_id
FROM booking
WHERE check_in = :day
ORDER BY id;

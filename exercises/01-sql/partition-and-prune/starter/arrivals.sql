-- Who arrives on :day.
-- TODO: let it read one partition.
SELECT id, listing_id
FROM booking
WHERE to_char(check_in, 'YYYY-MM-DD') = to_char(:day, 'YYYY-MM-DD')
ORDER BY id;

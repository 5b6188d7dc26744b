-- How often each listing was booked for the thirty days that end with :today.
-- TODO: let it read two partitions, or three where February lies within.
SELECT listing_id, count(*) AS bookings
FROM booking
WHERE check_in + 30 > :today AND check_in <= :today
GROUP BY listing_id
ORDER BY listing_id;

-- How often each listing was booked for the thirty days that end with :today.
SELECT listing_id, count(*) AS bookings
FROM booking
WHERE check_in > :today - 30 AND check_in <= :today
GROUP BY listing_id
ORDER BY listing_id;

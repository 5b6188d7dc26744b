-- What the stays earned that begin in the month :month of the year :year, both numbers.
SELECT count(*) AS bookings, sum(total) AS revenue
FROM booking
WHERE check_in >= make_date(:year, :month, 1)
  AND check_in < make_date(:year, :month, 1) + INTERVAL '1 month';

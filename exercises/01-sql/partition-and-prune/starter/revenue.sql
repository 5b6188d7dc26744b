-- What the stays earned that begin in the month :month of the year :year, both numbers.
-- TODO: let it read one partition.
SELECT count(*) AS bookings, sum(total) AS revenue
FROM booking
WHERE extract(year FROM check_in) = :year AND extract(month FROM check_in) = :month;

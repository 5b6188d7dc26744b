SELECT count(*) AS bookings, sum(total) AS revenue
FROM booking
WHERE check_in BETWEEN make_date(:year, :month, 1) AND make_date(:year, :month, 1) + INTERVAL '1 month';

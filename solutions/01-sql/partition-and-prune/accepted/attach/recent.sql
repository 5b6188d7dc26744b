SELECT listing_id, count(*) AS bookings
FROM booking
WHERE check_in BETWEEN :today - 29 AND :today
GROUP BY 1
ORDER BY 1;

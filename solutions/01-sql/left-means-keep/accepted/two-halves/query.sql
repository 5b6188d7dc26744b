-- Those who have a next booking, and those who have none.
WITH first_of_each AS (
    SELECT guest_id, (array_agg(id ORDER BY check_in, id))[1] AS booking_id, min(check_in) AS check_in
    FROM booking
    WHERE status <> 'cancelled' AND check_in >= :today AND guest_id IS NOT NULL
    GROUP BY guest_id
)
SELECT guest_id, name, booking_id, check_in
FROM guest JOIN first_of_each ON guest_id = guest.id
UNION ALL
SELECT id, name, NULL, NULL
FROM guest
WHERE id NOT IN (SELECT guest_id FROM first_of_each);

-- The next booking is the one to come that no other one to come precedes.
WITH coming AS (
    SELECT * FROM booking WHERE check_in >= :today AND status <> 'cancelled'
), first_of_each AS (
    SELECT c.*
    FROM coming c
    WHERE NOT EXISTS (
        SELECT FROM coming earlier
        WHERE earlier.guest_id = c.guest_id AND (earlier.check_in, earlier.id) < (c.check_in, c.id)
    )
)
SELECT g.id AS guest_id, g.name, f.id AS booking_id, f.check_in
FROM first_of_each f
RIGHT JOIN guest g ON g.id = f.guest_id;

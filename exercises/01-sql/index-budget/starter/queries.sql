-- calendar: the stays that a listing has still before it.
SELECT id, check_in, check_out, status
FROM booking
WHERE listing_id = :listing AND check_in >= :today
ORDER BY check_in, id;

-- login: the guest who types this e-mail address, in capitals or not.
SELECT id, name
FROM guest
WHERE lower(email) = lower(:email);

-- inbox: the ten requests that have been waiting for an answer with the earliest arrival.
SELECT id, listing_id, guest_id, check_in
FROM booking
WHERE status = 'pending'
ORDER BY check_in, id
LIMIT 10;

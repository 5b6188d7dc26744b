CREATE INDEX booking_calendar ON booking (check_in, listing_id);

-- login: the expression that the query compares.
CREATE INDEX guest_login ON guest (lower(email));

-- inbox: only what is pending, in the order in which it is read; hardly any INSERT has to touch it.
CREATE INDEX booking_inbox ON booking (check_in, id) WHERE status = 'pending';

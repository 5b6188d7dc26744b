-- calendar: one listing is one stretch, sorted by date; its stays still to come stand at the end of it.
CREATE INDEX booking_calendar ON booking (listing_id, check_in);

-- login: the expression that the query compares.
CREATE INDEX guest_login ON guest (lower(email));

CREATE INDEX booking_inbox ON booking (status);

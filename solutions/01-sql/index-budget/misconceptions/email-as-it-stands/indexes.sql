-- calendar: one listing is one stretch, sorted by date; its stays still to come stand at the end of it.
CREATE INDEX booking_calendar ON booking (listing_id, check_in);

CREATE INDEX guest_login ON guest (email);

-- inbox: only what is pending, in the order in which it is read; hardly any INSERT has to touch it.
CREATE INDEX booking_inbox ON booking (check_in, id) WHERE status = 'pending';

-- Every guest, with their next booking, if any.
-- Columns: guest_id, name, booking_id, check_in.
-- :today stands for the date from which on a booking is still to come.

-- TODO: one SELECT.

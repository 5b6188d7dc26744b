-- The three most-booked listings of each city, and whoever ties with the third.
-- Columns: city_id, city, listing_id, bookings, place.

-- TODO: one SELECT.

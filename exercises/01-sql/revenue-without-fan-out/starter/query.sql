-- What each listing earned and how it is rated, the highest revenue first.
-- Columns: listing_id, title, revenue, average_rating.

-- TODO: one SELECT.

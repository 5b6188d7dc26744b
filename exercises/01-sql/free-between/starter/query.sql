-- Every listing that is free for the whole stay from :a up to, but not including, :b.
-- Columns: listing_id, title.

-- TODO: one SELECT.

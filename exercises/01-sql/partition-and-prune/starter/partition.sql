-- Turn booking into a table with one partition for each month, and keep its rows.

-- TODO

-- The rules that every row has to keep, whoever writes it.
-- The tables are there already, without a single rule.

-- TODO: ALTER TABLE … ADD …

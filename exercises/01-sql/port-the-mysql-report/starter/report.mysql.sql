-- The report of the cities, for MySQL 8: the same rows as report.sql.

-- TODO: mend legacy.sql.

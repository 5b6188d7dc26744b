-- Fill the tables from sheet.

-- TODO: INSERT INTO … SELECT DISTINCT … FROM sheet;

CREATE TABLE guest (
    id integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE listing (
    id integer PRIMARY KEY,
    title text NOT NULL
);

INSERT INTO guest VALUES (1, 'Ada'), (2, 'Bola');
INSERT INTO listing SELECT id, 'Listing ' || id FROM generate_series(1, 200) AS id;

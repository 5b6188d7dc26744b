CREATE TABLE guest (name text PRIMARY KEY);
CREATE TABLE booking (
    id integer GENERATED ALWAYS AS IDENTITY,
    guest text,
    host text REFERENCES guest (name) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO guest VALUES ('host');

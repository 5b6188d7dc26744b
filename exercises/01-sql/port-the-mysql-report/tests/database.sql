CREATE TABLE "user" (
    id integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE listing (
    id integer PRIMARY KEY,
    user_id integer NOT NULL REFERENCES "user",
    city text NOT NULL,
    title text NOT NULL
);

CREATE TABLE booking (
    id integer PRIMARY KEY,
    listing_id integer NOT NULL REFERENCES listing,
    check_in date NOT NULL,
    check_out date NOT NULL CHECK (check_in < check_out),
    status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled')),
    total numeric(10, 2) NOT NULL
);

CREATE TABLE target (
    city text PRIMARY KEY,
    amount numeric(10, 2) NOT NULL
);

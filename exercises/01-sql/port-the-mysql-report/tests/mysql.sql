CREATE TABLE `user` (
    id integer PRIMARY KEY,
    name varchar(100) NOT NULL
);

CREATE TABLE listing (
    id integer PRIMARY KEY,
    user_id integer NOT NULL,
    city varchar(100) NOT NULL,
    title varchar(100) NOT NULL,
    FOREIGN KEY (user_id) REFERENCES `user` (id)
);

CREATE TABLE booking (
    id integer PRIMARY KEY,
    listing_id integer NOT NULL,
    check_in date NOT NULL,
    check_out date NOT NULL,
    status varchar(20) NOT NULL,
    total decimal(10, 2) NOT NULL,
    FOREIGN KEY (listing_id) REFERENCES listing (id)
);

CREATE TABLE target (
    city varchar(100) PRIMARY KEY,
    amount decimal(10, 2) NOT NULL
);

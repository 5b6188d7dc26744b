"""A town with more than fits one's eye: properties and stays by generate_series, in the test's own transaction."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from tests.factories import SOON

_PROPERTIES = """
INSERT INTO accounts_user (public_id, email, name, role, password, is_active, is_superuser, created_at)
SELECT gen_random_uuid(), 'p' || n || '@example.com', 'Person ' || n, 'host', '!', true, false, now()
FROM generate_series(1, %(people)s) n;

INSERT INTO catalog_city (slug, name, country, timezone)
SELECT 'city-' || n, 'City ' || n, 'KE', 'Africa/Nairobi' FROM generate_series(1, %(cities)s) n;

INSERT INTO catalog_amenity (slug, name) SELECT 'amenity-' || n, 'Amenity ' || n FROM generate_series(1, 12) n;

INSERT INTO catalog_property (public_id, host_id, city_id, title, description, sleeps, nightly, cleaning_fee, currency,
                              cancellation_policy, is_listed, version, rating_sum, rating_count, created_at)
SELECT gen_random_uuid(), person.first + n %% %(people)s, city.first + n %% %(cities)s,
       (ARRAY['Loft', 'Cottage', 'Studio', 'Villa', 'Cabin'])[1 + n %% 5] || ' number ' || n,
       'Near the ' || (ARRAY['market', 'harbour', 'bakery', 'station', 'park', 'old town'])[1 + n %% 6]
       || CASE WHEN n %% 500 = 0 THEN ', under a jacaranda' ELSE '' END,
       1 + n %% 8, 20 + (n * 37) %% 400, 10, 'USD', 'moderate', n %% 50 <> 0, 1, 0, 0, now()
FROM generate_series(0, %(properties)s - 1) n,
     (SELECT min(id) AS first FROM accounts_user WHERE email LIKE 'p%%@example.com') person,
     (SELECT min(id) AS first FROM catalog_city WHERE slug LIKE 'city-%%') city;

INSERT INTO catalog_property_amenities (property_id, amenity_id)
SELECT p.id, a.id FROM catalog_property p JOIN catalog_amenity a ON (p.id + a.id) %% 4 = 0;

INSERT INTO catalog_photo (property_id, position, image, caption)
SELECT p.id, n, 'photos/' || p.id || n || '.jpg', '' FROM catalog_property p, generate_series(0, 2) n;
"""
_BOOKINGS = """
INSERT INTO booking_booking (public_id, property_id, guest_id, check_in, check_out, guests, status, hold_expires_at,
                             cleaning_fee, total, currency, cancellation_policy, created_at)
SELECT gen_random_uuid(), p.id, person.first + (p.id * 7 + n) %% %(people)s,
       %(start)s::date + (n * 9 + p.id %% 9)::int, %(start)s::date + (n * 9 + p.id %% 9 + 2 + n %% 3)::int, 2,
       CASE WHEN n %% 10 = 9 THEN 'held' ELSE 'confirmed' END,
       CASE WHEN n %% 10 = 9 THEN now() + interval '1 year' END, 10, 300, 'USD', 'moderate', now()
FROM catalog_property p, generate_series(0, %(each)s - 1) n,
     (SELECT min(id) AS first FROM accounts_user WHERE email LIKE 'p%%@example.com') person;
"""
_CONSTRAINT = """
ALTER TABLE booking_booking ADD CONSTRAINT booking_no_overlap EXCLUDE USING gist
    (property_id WITH =, daterange(check_in, check_out) WITH &&) WHERE (status IN ('held', 'confirmed'))
"""
_TABLES = "accounts_user, catalog_city, catalog_property, catalog_property_amenities, catalog_photo, booking_booking"


def build(*, properties: int, bookings: int) -> None:
    """Fill the tables, and let PostgreSQL count them. The same rows for the same numbers. Each property has a stay
    of two to four nights in every nine, from three months before ``SOON`` on: half of them are free for a few nights.

    The exclusion constraint is taken away for the load and put back: it is built ten times faster over what is there.
    """
    facts = {
        "people": bookings // 10,
        "cities": max(properties // 250, 4),
        "properties": properties,
        "each": bookings // properties,
        "start": (SOON - timedelta(days=90)).isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no foreign key is checked row by row
        cursor.execute("ALTER TABLE booking_booking DROP CONSTRAINT booking_no_overlap")
        cursor.execute(_PROPERTIES, facts)
        cursor.execute(_BOOKINGS, facts)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute(_CONSTRAINT)
        cursor.execute(f"ANALYZE {_TABLES}")

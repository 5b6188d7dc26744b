"""What fields cost, and how long lists are: the map that ``limits`` reads. A field that is not named costs 1."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema

from staybook.catalog.photos import MOST_PHOTOS

MOST_ROWS = 100
"""Of any page."""

PRICES: dict[tuple[str, str], int] = {
    ("Query", "search"): 50,
    ("Query", "property"): 20,
    ("Query", "ownProperties"): 50,
    ("Query", "cities"): 20,
    ("Query", "amenities"): 20,
    ("Query", "reviews"): 20,
    ("Query", "booking"): 20,
    ("Query", "bookings"): 30,
    ("Query", "payment"): 20,
    ("Property", "takenNights"): 60,
    ("Mutation", "rename"): 500,
    ("Mutation", "hold"): 500,
    ("Mutation", "cancelBooking"): 500,
    ("Mutation", "startPayment"): 1000,
    ("Mutation", "checkPayment"): 1000,
    ("Mutation", "refundPayment"): 500,
    ("Mutation", "writeReview"): 500,
    ("Mutation", "createProperty"): 500,
    ("Mutation", "updateProperty"): 500,
}
"""By type and field. What sends statements by itself costs more than an attribute."""

LENGTHS: dict[tuple[str, str], int | Fraction] = {
    ("PropertyPage", "results"): 1,
    ("BookingPage", "results"): 1,
    ("ReviewPage", "results"): 1,
    ("Query", "cities"): 200,
    ("Query", "amenities"): 50,
    ("Property", "photos"): MOST_PHOTOS,
    ("Property", "amenities"): 20,
    ("Property", "takenNights"): 62,
    ("Price", "nights"): 30,
    ("Booking", "payments"): 5,
    ("Payment", "refunds"): 5,
}
"""Of lists without a ``limit``: the most there can be, or, of what has no bound, more than nearly all have.

The field above a page's results has the limit, which counts for all below it.
"""


@lru_cache(maxsize=4)
def lengths_of(schema: GraphQLSchema) -> dict[tuple[str, str], int | Fraction]:
    """``LENGTHS``, and those of introspection: as many as this schema has on average, to the fraction."""
    types = list(schema.type_map.values())
    objects = [each for each in types if isinstance(each, GraphQLObjectType)]
    inputs = [each for each in types if isinstance(each, GraphQLInputObjectType)]
    enums = [each for each in types if isinstance(each, GraphQLEnumType)]
    fields = [field for each in objects for field in each.fields.values()]
    return LENGTHS | {
        ("__Type", "fields"): Fraction(len(fields), len(types)),
        ("__Type", "inputFields"): Fraction(sum(len(each.fields) for each in inputs), len(types)),
        ("__Type", "enumValues"): Fraction(sum(len(each.values) for each in enums), len(types)),
        ("__Field", "args"): Fraction(sum(len(each.args) for each in fields), len(fields)),
        ("__Schema", "types"): len(types),
        ("__Schema", "directives"): len(schema.directives),
        ("__Directive", "args"): 2,
    }

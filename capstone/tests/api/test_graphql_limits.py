"""What a request may ask for at most, and that it costs nothing to ask for more."""

from __future__ import annotations

import pytest
from graphql import GraphQLList, GraphQLObjectType, get_introspection_query, get_nullable_type, parse

from staybook.graphql import limits, prices
from staybook.graphql.schema import schema
from tests.factories import make_user
from tests.graphql_client import ask, data_of, errors_of, statements

pytestmark = pytest.mark.django_db
SCHEMA = schema._schema
CARD = """id title sleeps nightly cleaningFee currency cancellationPolicy rating reviewCount
  city { slug name country } amenities { slug name } photos { id url caption } host { id name }"""
WHOLE = CARD + " description timezone version isListed createdAt"
REVIEWS = "reviews(limit: 10) { id rating text createdAt guest { name } }"


def weigh(query, variables=None, operation=None):
    return limits.weigh(SCHEMA, parse(query), operation, variables or {})


def cost(query, variables=None):
    return weigh(query, variables).cost


def nested(levels, leaf="x"):
    return "{" + "a {" * (levels - 1) + leaf + "}" * levels


REFUSED = {
    "query_too_deep": nested(limits.DEPTH + 1),
    "too_many_aliases": "{" + " ".join(f"a{number}: __typename" for number in range(limits.ALIASES + 1)) + "}",
    "query_too_costly": f"{{ search(limit: 100) {{ results {{ {WHOLE} {REVIEWS} }} }} }}",
    "graphql_invalid": "{" + "__typename " * limits.TOKENS + "}",
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_asks_for_too_much_is_refused_before_a_statement(api, code):
    somebody = api.as_(make_user())

    with statements() as sent:
        answer = ask(somebody, REFUSED[code])

    assert sent == []
    assert (answer.status_code, errors_of(answer)) == (400, [code])
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    "query",
    [
        "{" + " ".join(f"a{number}: __typename" for number in range(limits.ALIASES)) + "}",
        f"{{ search {{ results {{ {WHOLE} {REVIEWS} }} next }} }}",
        f"{{ search(limit: 100) {{ results {{ {CARD} }} next }} }}",
        get_introspection_query(input_value_deprecation=True, specified_by_url=True, directive_is_repeatable=True),
    ],
    ids=["aliases", "a page of everything", "the largest page of cards", "introspection"],
)
def test_what_is_useful_is_let_through(api, query):
    data_of(ask(api, query))


def test_the_cost_is_told(api):
    assert ask(api, "{ __typename }").json()["extensions"]["cost"] == {"asked": 1, "most": limits.COST}


def test_a_page_multiplies_what_is_below_it():
    one = cost("{ search(limit: 1) { results { id } } }")
    below = cost("{ search(limit: 2) { results { id } } }") - one

    assert below == 2
    assert cost("{ search(limit: 100) { results { id } } }") == one + 99 * below


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ search(limit: 7) { next } }", {}),
        ("query A($n: Int!) { search(limit: $n) { next } }", {"n": 7}),
        ("query A($n: Int! = 7) { search(limit: $n) { next } }", {}),
        ("query A { ...F } fragment F on Query { search(limit: 7) { next } }", {}),
        ("{ ... on Query { search(limit: 7) { next } } }", {}),
        ("{ ... { search(limit: 7) { next } } }", {}),
        ("{ search(limit: 7) { ... on PropertyPage { next } } }", {}),
    ],
)
def test_a_page_is_known_however_it_is_asked_for(query, variables):
    assert cost(query, variables) == prices.PRICES["Query", "search"] + 7


@pytest.mark.parametrize("limit", ["101", "2147483647", '"x"', "null", "$unknown"])
def test_a_page_of_no_size_is_weighed_as_the_largest_or_the_default(limit):
    assert cost(f"{{ search(limit: {limit}) {{ next }} }}") in {prices.PRICES["Query", "search"] + n for n in (20, 100)}


def test_a_page_below_one_does_not_make_the_rest_cheaper():
    assert cost("{ search(limit: -5) { next } }") > prices.PRICES["Query", "search"]
    assert cost("query A($n: Int!) { search(limit: $n) { next } }", {"n": "many"}) > 100


def test_a_fragment_counts_at_each_of_its_spreads():
    query = "{ a: property(id: 1) { ...F } b: property(id: 2) { ...F } } fragment F on Property { x: id title }"

    assert weigh(query) == limits.Weight(depth=2, aliases=4, cost=2 * (prices.PRICES["Query", "property"] + 2))


def test_fragments_that_double_are_each_weighed_once(monkeypatch):
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    query = f"{{ ...F0 }} {doubling} fragment F60 on Query {{ __typename }}"
    steps = []
    weigh_one = limits._Scales._weigh
    monkeypatch.setattr(limits._Scales, "_weigh", lambda *given: steps.append(1) or weigh_one(*given))

    assert cost(query) == 2**60
    assert len(steps) == 1 + 2 * 60 + 1


@pytest.mark.parametrize(
    "query",
    [
        "{ ...F } fragment F on Query { ...F }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{ ...Unknown }",
        "{ ...F } fragment F on Unknown { unknown { more } }",
        "{ unknown(limit: 3) { more } }",
        "query A { __typename } query A { __typename }",
    ],
)
def test_what_is_not_valid_is_weighed_and_left_to_validation(api, query):
    assert weigh(query).cost < limits.COST
    assert errors_of(ask(api, query)) in (["graphql_invalid"], ["graphql_invalid"] * 2)


def test_only_the_operation_that_is_done_is_weighed():
    document = "query Small { __typename } query Large { search(limit: 100) { next } }"

    assert weigh(document, operation="Small").cost == 1
    assert weigh(document, operation="Large").cost == 150


def test_introspection_does_not_go_round_in_circles(api):
    circle = "{ __schema { types { " + "fields { type { " * 4 + "name" + " } }" * 4 + " } } }"

    assert errors_of(ask(api, circle)) in (["graphql_invalid"], ["query_too_costly"])


@pytest.mark.parametrize(
    "document",
    ["{" + "a {" * 450 + "x" + "}" * 450 + "}", "{ search(city: " + "[" * 900 + ") }", "{ a " + "@skip " * 900 + "}"],
    ids=["selections", "lists", "directives"],
)
def test_a_document_that_nests_too_far_is_a_refusal_and_no_failure(api, document):
    answer = ask(api, document)

    assert answer.status_code == 400
    assert "internal_error" not in errors_of(answer)


def test_every_list_has_a_length():
    ours = [each for each in SCHEMA.type_map.values() if isinstance(each, GraphQLObjectType)]
    lists = {
        (each.name, name)
        for each in ours
        if not each.name.startswith("__")
        for name, field in each.fields.items()
        if isinstance(get_nullable_type(field.type), GraphQLList) and "limit" not in field.args
    }

    assert lists == set(prices.LENGTHS)


def test_prices_are_of_fields_that_there_are():
    for type_name, field in prices.PRICES:
        assert field in SCHEMA.type_map[type_name].fields

    roots = {(root, field) for root in ("Query", "Mutation") for field in SCHEMA.type_map[root].fields}
    assert roots - set(prices.PRICES) == {("Query", "me")}

"""GraphQL over HTTP: what is a request, and how it is answered, whatever is asked."""

from __future__ import annotations

import json
import logging
import uuid

import pytest
from django.test import Client

from staybook.accounts import tokens
from staybook.common.errors import Busy
from staybook.graphql.views import LARGEST_BODY, RESPONSE_TYPE
from tests.factories import make_property, make_user
from tests.graphql_client import ask, data_of, errors_of, statements

pytestmark = pytest.mark.django_db
TYPENAME = {"query": "{ __typename }"}
NO_ID = str(uuid.UUID(int=0))


def test_an_operation_is_answered(api):
    place = make_property(title="By the lake")

    answer = ask(api, "query One($id: UUID!) { property(id: $id) { title } }", {"id": str(place.public_id)})

    assert data_of(answer) == {"property": {"title": "By the lake"}}
    assert answer["Content-Type"] == f"{RESPONSE_TYPE}; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Request-Id"]


def test_of_several_operations_the_named_one_is_done(api):
    document = "query A { a: __typename } query B { b: __typename }"

    answer = api.post("/graphql", {"query": document, "operationName": "B"})

    assert data_of(answer) == {"b": "Query"}


@pytest.mark.parametrize(
    ("accept", "media_type", "status"),
    [
        ("*/*", RESPONSE_TYPE, 400),
        (RESPONSE_TYPE, RESPONSE_TYPE, 400),
        ("application/json", "application/json", 200),
        (f"application/json;q=0.9, {RESPONSE_TYPE}", RESPONSE_TYPE, 400),
        ("text/html", RESPONSE_TYPE, 406),
    ],
)
def test_a_request_error_has_a_status_where_the_media_type_lets_a_client_trust_it(api, accept, media_type, status):
    answer = ask(api, "{ nothing }", Accept=accept)

    assert answer.status_code == status
    assert answer["Content-Type"] == f"{media_type}; charset=utf-8"
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize("accept", ["application/json", RESPONSE_TYPE])
def test_an_error_of_a_field_leaves_the_status_alone(api, accept):
    answer = ask(api, "{ me { name } __typename }", Accept=accept)

    assert answer.status_code == 200
    assert answer.json()["data"] == {"me": None, "__typename": "Query"}
    assert errors_of(answer) == ["unauthenticated"]
    assert answer.json()["errors"][0]["path"] == ["me"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
        (b"[]", 400),
        (json.dumps([TYPENAME, TYPENAME]).encode(), 400),
        (b'"{ __typename }"', 400),
        (b"{}", 400),
        (b'{"query": " "}', 400),
        (b'{"query": 1}', 400),
        (b'{"query": "{ __typename }", "variables": [1]}', 400),
        (b'{"query": "{ __typename }", "operationName": 1}', 400),
        (b'{"query": "{ __typename }", "operationName": "Another"}', 400),
        (b'{"query": "query A { __typename } query B { __typename }"}', 400),
        (b'{"query": "fragment F on Query { __typename }"}', 400),
        (b'{"query": "{ ...F }"}', 400),
        (b'{"query": "{ __typename"}', 400),
        (b'{"query": "subscription { __typename }"}', 400),
        (json.dumps(TYPENAME | {"pad": "x" * LARGEST_BODY}).encode(), 413),
    ],
)
def test_what_is_no_request_is_refused_without_a_statement(api, body, status):
    with statements() as sent:
        answer = api.post("/graphql", body)

    assert sent == []
    assert answer.status_code == status
    assert set(answer.json()) <= {"errors", "extensions"}
    assert errors_of(answer) in (["graphql_unreadable"], ["graphql_invalid"])


def test_batches_are_not_answered(api):
    answer = api.post("/graphql", [TYPENAME, TYPENAME])

    assert answer.status_code == 400
    assert "batches" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_only_json_is_read_so_that_no_form_of_another_site_is(content_type):
    body = json.dumps(TYPENAME).encode()

    answer = Client().generic("POST", "/graphql", body, content_type)

    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_post_runs_anything(method):
    answer = Client().generic(method, "/graphql?query={__typename}")

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, POST"


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Bearer x.y.z"])
def test_a_bad_token_is_401_even_for_what_everybody_may_ask(api, header):
    with statements() as sent:
        answer = ask(api, "{ __typename }", Authorization=header)

    assert sent == []
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert errors_of(answer) == ["token_invalid"]


@pytest.mark.parametrize("accept", ["application/json", RESPONSE_TYPE])
def test_the_token_of_a_closed_account_is_401(api, accept):
    user = make_user()
    header = f"Bearer {tokens.issue_access(user)}"
    user.is_active = False
    user.save()

    answer = ask(api, "{ __typename }", Authorization=header, Accept=accept)

    assert (answer.status_code, errors_of(answer)) == (401, ["token_invalid"])
    assert "data" not in answer.json()


def test_what_nobody_expected_is_logged_with_its_request_and_told_to_nobody(api, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("the secret is tulips")

    monkeypatch.setattr("staybook.catalog.queries.detail", fail)
    with caplog.at_level(logging.ERROR):
        answer = ask(api, "query A($id: UUID!) { property(id: $id) { id } }", {"id": NO_ID})

    error = answer.json()["errors"][0]
    assert answer.json()["data"] == {"property": None}
    assert error["extensions"] == {"code": "internal_error", "request_id": answer["X-Request-Id"]}
    assert "tulips" not in answer.content.decode()
    (record,) = caplog.records
    assert "the secret is tulips" in str(record.exc_info[1])
    assert record.path == ["property"]


def test_a_refusal_is_told_whole(api):
    answer = ask(api, "{ search(limit: 101, guests: 0) { next } }")

    error = answer.json()["errors"][0]
    assert error["message"] == "Some fields are not right."
    assert error["extensions"]["code"] == "invalid"
    assert error["extensions"]["fields"] == {"limit": "1 to 100."}


def test_the_names_of_fields_are_those_that_were_sent(api):
    answer = ask(api, '{ search(checkOut: "2030-06-03") { next } }')

    assert answer.json()["errors"][0]["extensions"]["fields"] == {"checkIn": "Give both dates, or none."}


def test_who_should_try_again_is_told_when(api, monkeypatch):
    def fail(*_, **__):
        raise Busy("Others are in the way.", retry_after_s=3)

    monkeypatch.setattr("staybook.catalog.queries.detail", fail)
    answer = ask(api, "query A($id: UUID!) { property(id: $id) { id } }", {"id": NO_ID})

    extensions = answer.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["retry_after_s"]) == ("busy", 3)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("UUID!", "x"),
        ("UUID!", 7),
        ("UUID!", []),
        ("UUID!", None),
        ("Date", "tomorrow"),
        ("Date", "20300603"),
        ("Date", 20300603),
        ("Decimal", "NaN"),
        ("Decimal", "1e3"),
        ("Decimal", "-1"),
        ("Decimal", "1.001"),
        ("Decimal", 1.5),
        ("Int!", 2**31),
        ("Int!", "1"),
        ("Sort!", "price"),
        ("String!", 1),
    ],
)
def test_a_value_of_another_kind_is_a_request_error(api, variable, value):
    uses = {
        "UUID!": "property(id: $it) { id }",
        "Date": 'search(checkIn: $it, checkOut: "2030-01-01") { next }',
        "Decimal": "search(minPrice: $it) { next }",
        "Int!": "search(limit: $it) { next }",
        "Sort!": "search(sort: $it) { next }",
        "String!": "search(city: $it) { next }",
    }
    with statements() as sent:
        answer = ask(api, f"query A($it: {variable}) {{ {uses[variable]} }}", {"it": value})

    assert sent == []
    assert (answer.status_code, errors_of(answer)) == (400, ["graphql_invalid"])


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800"])
@pytest.mark.parametrize("name", ["city", "q", "amenities"])
def test_what_is_no_text_meets_no_database(api, name, text):
    kind = "[String!]" if name == "amenities" else "String!"
    value = [text] if name == "amenities" else text

    with statements() as sent:
        answer = ask(api, f"query A($it: {kind}) {{ search({name}: $it) {{ next }} }}", {"it": value})

    assert sent == []
    assert errors_of(answer) == ["invalid"]
    assert answer.json()["errors"][0]["extensions"]["fields"] == {name: "This is not text."}

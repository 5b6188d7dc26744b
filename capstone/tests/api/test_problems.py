"""Every error of the API is a problem, wherever it comes from; the schema says so of every operation."""

from __future__ import annotations

import logging

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import RequestFactory
from drf_spectacular.generators import SchemaGenerator
from rest_framework import exceptions

from staybook.api import problems
from staybook.api.v1.accounts import MeView
from staybook.common import errors
from staybook.common.problems import TITLES
from tests.conftest import Api
from tests.factories import make_user

pytestmark = pytest.mark.django_db
MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}


def is_problem(answer, status, code):
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert body.keys() >= MEMBERS
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/problems/{code}")
    assert body["request_id"] == answer["X-Request-Id"]
    return True


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/nowhere", "/api/v1/bookings/7", "/api/v1/me/", "/api/"])
def test_what_is_not_there(api, path):
    assert is_problem(api.get(path), 404, "no_such_route")


def test_a_page_that_is_not_there_is_for_people(api):
    answer = api.get("/nowhere")

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "text/html")


@pytest.mark.parametrize("method", ["put", "delete", "post"])
def test_what_is_not_done_there(api, method):
    answer = getattr(api.as_(make_user()), method)("/api/v1/me")

    assert is_problem(answer, 405, "method_not_allowed")
    assert {"GET", "PATCH"} <= set(answer["Allow"].split(", "))


def test_what_cannot_be_read(api):
    client = api.as_(make_user())

    assert is_problem(client.patch("/api/v1/me", b"{"), 400, "not_json")
    assert is_problem(client.upload("/api/v1/auth/login", {"email": "a"}), 415, "unsupported_media_type")
    assert is_problem(client.get("/api/v1/me", Accept="text/html"), 406, "not_acceptable")


@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/bookings", "/graphql"])
def test_what_is_too_long_to_read(settings, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    client = Api().as_(make_user())

    assert is_problem(client.post(path, {"a": "b" * 100}, Idempotency_Key="long"), 413, "too_long")


def test_a_host_that_is_not_ours(api):
    assert is_problem(api.get("/api/v1/me", Host="evil.example"), 400, "bad_request")


def test_a_bug_tells_nobody_anything_but_the_log(monkeypatch, caplog):
    def bug(self, request):
        raise ZeroDivisionError("secret of ours")

    monkeypatch.setattr(MeView, "get", bug)
    with caplog.at_level(logging.ERROR, "django.request"):
        answer = Api().as_(make_user()).get("/api/v1/me", X_Request_Id="bug-7")

    assert is_problem(answer, 500, "internal_error")
    assert answer.json()["request_id"] == "bug-7"
    assert b"secret" not in answer.content
    assert "secret of ours" in caplog.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.Invalid("a"), 400, "invalid"),
        (errors.Unauthenticated("a"), 401, "unauthenticated"),
        (errors.Forbidden("a"), 403, "forbidden"),
        (errors.NotFound("a"), 404, "not_found"),
        (errors.Conflict("a", code="dates_taken"), 409, "dates_taken"),
        (errors.Stale("a"), 412, "stale"),
        (errors.TooMany("a"), 429, "too_many_requests"),
        (errors.GatewayFailed("a"), 502, "gateway_failed"),
        (errors.Busy("a"), 503, "busy"),
        (exceptions.NotAuthenticated(), 401, "unauthenticated"),
        (exceptions.AuthenticationFailed(), 401, "token_invalid"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.Throttled(wait=3), 429, "too_many_requests"),
        (exceptions.ValidationError(["a"]), 400, "invalid"),
        (exceptions.ValidationError({"a": {"b": ["c"]}}), 400, "invalid"),
        (PermissionDenied(), 403, "forbidden"),
    ],
)
def test_each_kind_of_error_has_a_status_and_a_code(api, monkeypatch, error, status, code):
    def fail(self, request):
        raise error

    monkeypatch.setattr(MeView, "get", fail)
    answer = api.as_(make_user()).get("/api/v1/me")

    assert is_problem(answer, status, code)
    assert status in TITLES
    assert ("Retry-After" in answer.headers) == isinstance(error, errors.Busy | exceptions.Throttled)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_every_kind_of_the_domain_has_a_status():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}

    assert kinds - {errors.StaybookError} == set(problems.STATUSES)


@pytest.mark.parametrize(
    ("handler", "arguments", "status"),
    [
        (problems.bad_request, (SuspiciousOperation(),), 400),
        (problems.denied, (PermissionDenied(),), 403),
        (problems.failed, (), 500),
    ],
)
def test_handlers_tell_programs_from_people(handler, arguments, status):
    for path, kind in (
        ("/api/v1/me", "application/problem+json"),
        ("/graphql", "application/problem+json"),
        ("/", "text/html"),
    ):
        answer = handler(RequestFactory().get(path), *arguments)
        assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (status, kind)


def test_every_operation_has_problems_and_says_who_may():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    operations = [operation for item in schema["paths"].values() for operation in item.values()]

    assert schema["components"]["securitySchemes"]["bearer"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    }
    assert schema["components"]["schemas"]["Problem"]["required"] == sorted(
        MEMBERS, key=list(schema["components"]["schemas"]["Problem"]["properties"]).index
    )
    for operation in operations:
        for status in ("429", "default"):
            content = operation["responses"][status]["content"]
            assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if operation.get("security") == [{"bearer": []}]:
            assert {"401", "403"} <= operation["responses"].keys()


def test_the_documentation_is_served_and_valid(api):
    from drf_spectacular.validation import validate_schema

    answer = api.get("/api/openapi.json", Accept="application/json")
    assert answer.status_code == 200
    validate_schema(answer.json())
    for page in ("/api/docs", "/api/redoc"):
        text = api.get(page).content.decode()
        assert "https://" not in text.replace("https://www.w3.org", "")

"""What a provider's answer means, told by its status and its body; and what is sent with each call."""

from __future__ import annotations

import httpx
import pytest

from staybook.common.errors import GatewayFailed
from staybook.payments.gateways import transport
from staybook.payments.gateways.base import Refused, Silent
from staybook.payments.gateways.transport import Transport


@pytest.fixture
def provider(monkeypatch):
    """Answers what ``provider.answer`` is, and keeps what it was asked."""

    class Provider:
        answer = httpx.Response(200, json={})
        asked: list[httpx.Request] = []

        def __call__(self, request):
            self.asked = [*self.asked, request]
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

    made = Provider()
    client = httpx.Client(transport=httpx.MockTransport(made), follow_redirects=False)
    monkeypatch.setattr(transport, "_client", lambda: client)
    with client:
        yield made


def call(**more):
    return Transport("https://provider.example/", "sk", 4.0).call("POST", "/v1/pay", **more)


@pytest.mark.parametrize("status", [400, 402, 404, 405, 410, 422, 499])
def test_what_is_wrong_with_the_request_is_refused_for_good(provider, status):
    provider.answer = httpx.Response(status, json={})

    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.status == status


@pytest.mark.parametrize("status", [401, 403, 408, 409, 425, 429, 500, 502, 503, 599])
def test_what_is_wrong_with_our_keys_or_with_the_moment_may_work_later(provider, status):
    provider.answer = httpx.Response(status, json={})

    with pytest.raises(GatewayFailed) as failure:
        call()
    assert type(failure.value) is GatewayFailed


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"paid"'])
def test_an_answer_that_is_no_object_cannot_be_read(provider, body):
    provider.answer = httpx.Response(200, content=body)

    with pytest.raises(GatewayFailed, match="cannot be read"):
        call()


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")])
def test_no_answer_may_mean_that_it_was_done(provider, error):
    provider.answer = error

    with pytest.raises(Silent):
        call()


@pytest.mark.parametrize("status", [200, 201])
def test_the_answer_is_its_object(provider, status):
    provider.answer = httpx.Response(status, json={"id": "1"})

    assert call() == {"id": "1"}
    assert len(provider.asked) == 1


def test_a_call_says_who_we_are_and_which_call_it_is(provider):
    call(json={"amount": "1"})
    call(key="sb-1", data={"amount": "1"})

    plain, keyed = provider.asked
    assert str(plain.url) == "https://provider.example/v1/pay"
    assert plain.headers["Authorization"] == keyed.headers["Authorization"] == "Bearer sk"
    assert "Idempotency-Key" not in plain.headers
    assert keyed.headers["Idempotency-Key"] == "sb-1"
    assert (plain.content, keyed.content) == (b'{"amount":"1"}', b"amount=1")


@pytest.mark.parametrize(("patience", "to_connect"), [(0.5, 0.5), (3.0, 3.0), (20.0, 3.0)])
def test_a_connection_is_waited_for_three_seconds_at_most(provider, patience, to_connect):
    Transport("https://provider.example", "sk", patience).call("GET", "/")

    asked = provider.asked[0].extensions["timeout"]
    assert (asked["connect"], asked["read"]) == (to_connect, patience)


def test_the_process_has_one_client_which_follows_nobody():
    client = transport._client()

    assert client is transport._client()
    assert not client.follow_redirects

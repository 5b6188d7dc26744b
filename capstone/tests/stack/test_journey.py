"""From an account to a stay that is paid for and told of, and what else a browser finds."""

from __future__ import annotations

import re

import httpx
import pytest

from staybook_dev import seed

pytestmark = pytest.mark.stack
everywhere = pytest.mark.parametrize("stack", ["development", "production", "over redis"], indirect=True)


@everywhere
def test_every_service_is_healthy(stack):
    services = {"postgres", "redis", "rabbitmq", "fakegateway"}
    services |= {f"staybook-{role}" for role in ("web", "relay", "worker", "beat")}

    assert stack.states() == dict.fromkeys(services | ({"proxy"} if stack.is_production else set()), "healthy")


@everywhere
@pytest.mark.parametrize("provider", ["chapa", "stripe"])
def test_a_stay_is_booked_and_paid(stack, guest, provider):
    """The booking is only looked at: that it was paid the provider tells us, by webhook."""
    booking = guest.hold()

    back = guest.choose(guest.checkout(booking, provider), "pay")

    assert back.status_code == 303
    assert back.headers["Location"].startswith(f"{stack.site}/bookings/{booking}")
    assert guest.becomes(booking, "confirmed")
    assert guest.is_told("Held for you", "Booked"), guest.mails()


def test_a_stay_is_booked_and_paid_over_graphql(guest):
    booking = guest.hold_by_graphql()

    guest.choose(guest.checkout_by_graphql(booking), "pay")

    assert guest.becomes(booking, "confirmed")
    assert guest.is_told("Held for you", "Booked"), guest.mails()


def test_a_card_that_is_declined_leaves_the_stay_held_to_be_paid_otherwise(guest):
    booking = guest.hold()

    declined = guest.choose(guest.checkout(booking, "stripe"), "decline")

    assert declined.status_code == 402
    assert guest.get(f"/api/v1/bookings/{booking}")["status"] == "held"

    guest.choose(guest.checkout(booking, "chapa"), "pay")

    assert guest.becomes(booking, "confirmed")


@pytest.mark.parametrize("path", ["/", "/api/docs", "/api/redoc", "/graphql", "/admin/login/"])
def test_a_page_has_its_files_from_here(stack, guest, path):
    """Collected files have a hash in their names, and are kept for good."""
    page = guest.http.get(path, headers={"Accept": "text/html"})
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))

    assert page.status_code == 200
    assert files
    for name in files:
        answer = guest.http.get(name)
        assert (answer.status_code, bool(answer.content)) == (200, True), name
        assert re.search(r"\.[0-9a-f]{12}\.", name), name
        assert "immutable" in answer.headers["Cache-Control"], name


def test_pictures_are_served_by_the_proxy(guest):
    place = guest.get("/api/v1/search", city="lisbon")["results"][0]

    answer = guest.http.get(place["photos"][0]["url"])

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")


def test_staff_log_in_and_see_the_bookings(stack):
    with httpx.Client(base_url=stack.site, verify=stack.trust, headers={"Origin": stack.site}) as staff:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', staff.get("/admin/login/").text)
        assert token
        form = {"username": seed.LOGINS["admin"], "password": seed.PASSWORD, "csrfmiddlewaretoken": token[1]}

        answer = staff.post("/admin/login/?next=/admin/", data=form)

        assert answer.status_code == 302, answer.text
        assert staff.get("/admin/booking/booking/").status_code == 200


def test_strangers_come_by_tls_alone(stack, guest):
    """And are told so for the time to come."""
    assert guest.http.get("/").headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert guest.http.get("/", headers={"Host": "elsewhere.example"}).status_code == 400
    assert guest.http.get("/metrics").status_code == 403


def test_metrics_are_there_for_the_bearer_of_the_token(stack, guest):
    answer = guest.http.get("/metrics", headers={"Authorization": f"Bearer {stack.metrics_token}"})

    assert re.search(r'staybook_requests_total{.*route="auth-login".*} [1-9]', answer.text)


def test_one_id_follows_a_request_from_the_web_to_the_worker(stack, guest):
    name = f"stack-{guest.email.partition('@')[0]}"
    guest.hold(X_Request_Id=name)
    assert guest.is_told("Held for you")

    said = {
        role: {line["event"] for line in stack.log(f"staybook-{role}") if line["request_id"] == name}
        for role in ("web", "relay", "worker", "beat")
    }

    assert said == {"web": {"request"}, "relay": {"message handed over"}, "worker": {"message consumed"}, "beat": set()}

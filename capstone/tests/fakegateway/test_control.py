"""Faults, webhooks and the mail catcher, each seen from outside."""

from __future__ import annotations

import smtplib
import threading
import time
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from fakegateway.webhooks import sign

pytest_plugins = ["tests.fakegateway.running"]
ASKED = {"amount": "10.00", "currency": "ETB", "return_url": ""}


class Shop(HTTPServer):
    """Takes webhooks, and remembers them. ``refusals`` are answered with 500."""

    def __init__(self):
        self.came, self.refusals = [], 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.server.came.append(({key.lower(): value for key, value in self.headers.items()}, body))
                self.server.refusals -= 1
                self.send_response_only(500 if self.server.refusals >= 0 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def references(self):
        return [body.decode().split('"tx_ref": "')[1].split('"')[0] for _, body in self.came]


@pytest.fixture
def shop(fake):
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    fake.set(chapa={"url": url, "secret": "c"}, stripe={"url": url, "secret": "s"})
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def wait_for(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)


def pay(fake, reference):
    asked = ASKED | {"tx_ref": reference}
    page = fake.call("POST", "/chapa/v1/transaction/initialize", json=asked).json()["data"]["checkout_url"]
    return fake.choose(page)


def test_a_webhook_is_signed_over_what_is_sent(fake, shop):
    pay(fake, "a")

    assert fake.flush()[0]["statuses"] == [200]
    headers, body = shop.came[0]
    assert headers["x-chapa-signature"] == sign("chapa", "c", body, 0)["x-chapa-signature"]


def test_what_was_not_taken_comes_again(fake, shop):
    shop.refusals = 1
    pay(fake, "a")

    statuses = [fake.flush()[0]["statuses"] for _ in range(2)]

    assert statuses == [[500], [500, 200]]
    assert fake.flush() == []


def test_without_waiting_for_a_flush_a_thread_sends_it(fake, shop):
    fake.set(webhooks="at_once")

    pay(fake, "a")
    wait_for(lambda: shop.came)

    assert shop.references == ["a"]


@pytest.mark.parametrize(("fault", "copies"), [("lost", 0), ("duplicate", 3), ("late", 1), ("bad_signature", 1)])
def test_faults_of_webhooks(fake, shop, fault, copies):
    fake.arm(fault, "webhook", reference="a")
    pay(fake, "a")

    fake.flush()

    assert shop.references == ["a"] * copies


def test_a_late_webhook_waits_while_others_go(fake, shop):
    fake.arm("late", "webhook", reference="a")
    pay(fake, "a")
    fake.set(webhooks="at_once")
    pay(fake, "b")
    wait_for(lambda: shop.came)
    assert shop.references == ["b"]

    fake.flush()

    assert shop.references == ["b", "a"]


def test_out_of_order_is_after_the_next_one(fake, shop):
    fake.arm("out_of_order", "webhook", reference="a")
    pay(fake, "a")
    pay(fake, "b")

    fake.flush()

    assert shop.references == ["b", "a"]


def test_a_bad_signature_is_none_of_ours(fake, shop):
    fake.arm("bad_signature", "webhook")
    pay(fake, "a")
    fake.flush()

    headers, body = shop.came[0]

    assert headers["x-chapa-signature"] != sign("chapa", "c", body, 0)["x-chapa-signature"]


CHARGED = {"timeout": 0, "timeout_after": 1000, "error_before": 0, "error_after": 1000}


@pytest.mark.parametrize(("fault", "captured"), CHARGED.items())
def test_faults_before_and_after_charging(fake, fault, captured):
    fake.arm(fault, "pay", reference="a")

    answer = pay(fake, "a")

    assert (answer is None) == fault.startswith("timeout")
    assert fake.ledger("a")["captured"] == captured


def test_a_wrong_amount_and_a_wrong_currency(fake):
    fake.arm("wrong_amount", "pay", reference="a")
    fake.arm("wrong_currency", "pay", reference="b")
    pay(fake, "a")
    pay(fake, "b")

    assert [fake.order(name)["captured"] for name in "ab"] == [999, 1000]
    assert [fake.order(name)["captured_currency"] for name in "ab"] == ["ETB", "KES"]


def test_a_fault_happens_as_often_as_it_was_armed(fake):
    fake.arm("error_before", "verify", times=2)
    pay(fake, "a")

    answers = [fake.call("GET", "/chapa/v1/transaction/verify/a").status_code for _ in range(3)]

    assert answers == [500, 500, 200]
    assert fake.ledger("a")["calls"]["a"]["verify"] == 3


@pytest.mark.parametrize(
    "asked", [{"name": "lost", "on": "pay"}, {"name": "x", "on": "webhook"}, {"name": "delay", "on": "pay", "times": 0}]
)
def test_a_fault_that_there_is_none_of(fake, asked):
    assert fake.http.post("/control/faults", json=asked).status_code == 400


def test_faults_are_listed_and_disarmed(fake):
    fake.arm("delay", "verify", reference="a", seconds=0.01)
    fake.arm("delay", "verify", reference="b")

    fake.disarm("a")
    assert [one["reference"] for one in fake.http.get("/control/faults").json()] == ["b"]
    fake.disarm()
    assert fake.http.get("/control/faults").json() == []


def test_mail_is_caught(fake):
    fake.http.delete("/mail")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.com", "Booked <b>"
    mail.set_content("Your stay.\n")
    with smtplib.SMTP("127.0.0.1", fake.mail_port, timeout=5) as server:
        server.send_message(mail)

    (caught,) = fake.http.get("/mail", params={"to": "b@example.com"}).json()
    page = fake.http.get("/mail", headers={"Accept": "text/html"}).text

    assert (caught["subject"], caught["body"].strip()) == ("Booked <b>", "Your stay.")
    assert "Booked &lt;b&gt;" in page
    assert fake.http.get("/mail.json", params={"to": "c@example.com"}).json() == []


def test_what_there_is_not(fake):
    assert fake.http.get("/control/nothing").status_code == 404
    assert fake.http.put("/control/flush").status_code == 405
    assert fake.http.post("/control/faults", content=b"[]").status_code == 400
    assert fake.http.get("/control/health").json() == {"status": "ok"}

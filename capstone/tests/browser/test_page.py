"""A guest at the page, in a real browser, with everything running as `make capstone` runs it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest
from chromium import Page, browsing, find_axe, find_chromium

from staybook_dev import seed
from staybook_dev.whole import running

pytestmark = [
    pytest.mark.skipif(not find_chromium(), reason="There is no Chromium here: apt-get install chromium"),
    pytest.mark.skipif("sqlite" in os.environ["DATABASE_URL"], reason="One file of SQLite is not for many processes."),
]
PATIENCE_S = 20
DESKTOP, PHONE = (1280, 900), (390, 844)
AXE = """axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations.map(
    violation => [violation.id, violation.nodes.map(node => node.html.slice(0, 200))])))"""
ALERT = "document.querySelector('main [role=alert]').textContent"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Where the page is."""
    with running("staybook_browser") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with browsing() as page:
        yield page


def until(page: Page, script: str) -> None:
    """Wait for ``script`` to be true; fail with what the page shows instead."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if page.run(f"!!({script})"):
                return
        except RuntimeError:  # between two pages
            pass
        time.sleep(0.05)
    pytest.fail(f"never: {script}\n{page.run('document.body.innerText')}\n{page.logged}")


def click(page: Page, text: str) -> None:
    found = f"[...document.querySelectorAll('button, a')].find(each => each.textContent.includes({json.dumps(text)}))"
    until(page, found)
    page.run(f"{found}.click()")


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.run(f"document.querySelector('main form [name={name}]').value = {json.dumps(value)}")


def send(page: Page) -> None:
    page.run("document.querySelector('main form').requestSubmit()")


def log_in(page: Page) -> None:
    until(page, "location.pathname == '/login' && document.querySelector('[name=password]')")
    fill(page, email=seed.LOGINS["guest"], password=seed.PASSWORD)
    send(page)


def hold(page: Page, site: str, year: int) -> None:
    """Search, open the first place, and hold it in ``year``, logging in on the way where that is asked for."""
    page.visit(f"{site}/?city=lisbon&check_in={year}-05-03&check_out={year}-05-06&guests=1")
    until(page, "document.querySelector('.card a')")
    page.run("document.querySelector('.card a').click()")
    until(page, "document.querySelector('.photos')")
    send(page)
    until(page, "location.pathname == '/login' || document.querySelector('.state')")
    if page.run("location.pathname") == "/login":
        log_in(page)
        until(page, "document.querySelector('.photos')")
        send(page)
    until(page, "document.querySelector('.state') && document.querySelector('.state').textContent == 'held'")


@pytest.mark.skipif(not find_axe(), reason="axe-core is not here: npm install --global --ignore-scripts axe-core")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_violation_from_the_search_to_the_checkout(site, browser, size, dark):
    axe = find_axe()
    assert axe
    width, height = size

    def look(address: str, there: str) -> None:
        if address:
            browser.visit(f"{site}{address}", width=width, height=height, dark=dark)
        until(browser, there)
        browser.run(axe.read_text(encoding="utf-8"))
        assert json.loads(browser.run(AXE)) == []
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"

    look("/", "document.querySelectorAll('.card').length == 12")
    look("/login", "document.querySelector('[name=password]')")
    hold(browser, site, 2030 + 2 * dark + (size == PHONE))
    look("", "document.querySelector('.state')")
    look("/bookings", "document.querySelector('.card')")


def test_a_stay_is_booked_and_paid(site, browser):
    hold(browser, site, 2040)

    click(browser, "Pay with Stripe")
    click(browser, "Pay 1")
    until(browser, "document.querySelector('main [role=alert]')")

    assert browser.run(ALERT) == "Paid. The stay is yours."
    assert browser.run("document.querySelector('.state').textContent") == "confirmed"


def test_a_card_that_is_declined_charges_nothing_and_can_be_tried_again(site, browser):
    hold(browser, site, 2041)

    click(browser, "Pay with Stripe")
    click(browser, "declined")
    click(browser, "Back to the shop")
    until(browser, "document.querySelector('main [role=alert]')")
    assert "not paid yet" in browser.run(ALERT)
    assert browser.run("document.querySelector('.state').textContent") == "held"

    click(browser, "Pay with Stripe")
    click(browser, "Pay 1")
    until(browser, "document.querySelector('main [role=alert]')")
    assert browser.run(ALERT) == "Paid. The stay is yours."


def test_what_is_taken_is_said_where_it_was_asked(site, browser):
    hold(browser, site, 2042)
    place = browser.run("fetch('/api/v1/search?city=lisbon&limit=1').then(r => r.json()).then(r => r.results[0].id)")

    browser.visit(f"{site}/stays/{place}?check_in=2042-05-04&check_out=2042-05-05&guests=1")
    until(browser, "document.querySelector('.photos')")
    send(browser)
    until(browser, "document.querySelector('main form .error:not([hidden])')")

    assert browser.run("document.querySelector('main form .error').textContent") == "Some of these nights are taken."


def test_nothing_is_loaded_from_elsewhere(site, browser):
    browser.visit(f"{site}/")
    until(browser, "document.querySelectorAll('.card').length == 12")

    hosts = browser.run("[...new Set(performance.getEntriesByType('resource').map(each => new URL(each.name).origin))]")

    assert hosts == [site]

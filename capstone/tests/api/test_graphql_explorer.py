"""The explorer: a page of our own that asks this address alone, by mouse, keyboard and screen reader."""

from __future__ import annotations

import itertools
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import browsing, find_axe, find_chromium
from django.contrib.staticfiles import finders
from django.db import connection
from graphql import parse, validate

from staybook.accounts import tokens
from staybook.graphql.schema import schema
from tests.factories import make_property, make_user
from tests.graphql_client import ask, data_of, statements

STATIC = Path(__file__).parents[2] / "staybook/graphql/static/graphql"
PATIENCE_S = 20
AXE = """axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations.map(
    violation => [violation.id, violation.nodes.map(node => node.html.slice(0, 200))])))"""
in_a_browser = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not find_chromium(), reason="There is no Chromium here: apt-get install chromium"),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="The server's thread and the test would share one file."),
]


class Tags(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in names]


@pytest.fixture
def page(api, db):
    with statements() as sent:
        answer = api.get("/graphql", Accept="text/html")
    assert sent == []
    assert answer.status_code == 200
    return answer


def constants(text: str) -> list[str]:
    """The template literals of a script that are documents of GraphQL."""
    return [found for found in re.findall(r"`([^`]*)`", text) if re.match(r"\s*(query|mutation|\{\s)", found)]


def test_the_page_may_load_and_run_only_what_is_ours(page):
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not any(word in page["Content-Security-Policy"] for word in ("unsafe", "http", "*", "data:"))


def test_all_that_it_loads_is_here(page):
    tags = Tags(page.content.decode())
    loaded = [each["src"] for each in tags.named("script", "img")] + [each["href"] for each in tags.named("link")]

    assert len(loaded) == 3
    for address in loaded:
        assert finders.find(address.removeprefix("/static/")), address
    assert not re.search(r"(https?:)?//\w", page.content.decode())
    for script in STATIC.iterdir():
        assert not re.search(r"https?://|innerHTML|eval\(|localStorage", script.read_text())


def test_nothing_runs_inline(page):
    tags = Tags(page.content.decode())

    assert tags.named("style") == []
    assert all(each.get("src") for each in tags.named("script"))
    assert not [name for _, attributes in tags.found for name in attributes if name.startswith("on") or name == "style"]


def test_every_input_has_a_label(page):
    tags = Tags(page.content.decode())
    inputs = {each["id"] for each in tags.named("input", "select", "textarea")}

    assert inputs == {each["for"] for each in tags.named("label")}
    assert tags.named("html") == [{"lang": "en"}]


def test_its_queries_are_valid(page):
    examples = constants((STATIC / "explorer.js").read_text())

    assert len(examples) == 3
    for document in examples:
        assert validate(schema._schema, parse(document)) == []


def test_its_introspection_is_let_through(api, db):
    text = (STATIC / "introspection.js").read_text()
    fragment = re.search(r"REFERENCE = '([^']*)'", text)[1]
    (document,) = constants(text)

    types = data_of(ask(api, document.replace("${REFERENCE}", fragment)))["__schema"]["types"]

    described = {each["name"] for each in types if each["description"]}
    assert {each["name"] for each in types if not each["name"].startswith("__")} <= described
    assert {
        field["name"] for each in types if each["name"] == "Query" for field in each["fields"] if field["description"]
    }


class Explorer:
    """The page in a browser."""

    def __init__(self, page, site: str, **look) -> None:
        self.page = page
        page.visit(f"{site}/graphql", **look)
        self.until("document.querySelectorAll('#types details').length > 20")

    def until(self, script: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not self.page.run(f"!!({script})"):
            assert time.monotonic() < end, (script, self.page.run("document.body.innerText"), self.page.logged)
            time.sleep(0.05)

    def type(self, name: str, text: str) -> None:
        self.page.run(f"document.getElementById('{name}').value = {json.dumps(text)}")

    def run(self) -> dict:
        """Press Ctrl+Enter in the query, and read the result."""
        press = "new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true})"
        self.page.run(f"document.getElementById('query').dispatchEvent({press})")
        self.until("/^[0-9]{3}/.test(document.getElementById('status').textContent)")
        return json.loads(self.page.run("document.getElementById('result').textContent"))


@pytest.fixture(scope="module")
def browser():
    with browsing() as page:
        yield page


class TestInABrowser:
    pytestmark = in_a_browser

    def test_it_asks_shows_and_finds(self, live_server, without_limits, browser):
        make_property(title="By the lake")
        user = make_user()

        explorer = Explorer(browser, live_server.url)
        shown = explorer.run()
        explorer.type("query", "{ me { name } }")
        explorer.type("token", tokens.issue_access(user))
        mine = explorer.run()
        explorer.type("filter", "holdexpires")
        browser.run("document.getElementById('filter').dispatchEvent(new Event('input'))")
        explorer.until("document.querySelectorAll('#types details').length == 1")
        explorer.type("variables", "{")
        browser.run("document.getElementById('ask').requestSubmit()")
        explorer.until("document.getElementById('status').textContent.includes('not JSON')")
        hosts = browser.run("[...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).origin))]")

        assert [each["title"] for each in shown["data"]["search"]["results"]] == ["By the lake"]
        assert mine["data"] == {"me": {"name": user.name}}
        assert hosts == [live_server.url]

    def test_every_control_is_reached_with_the_keyboard(self, live_server, without_limits, browser):
        Explorer(browser, live_server.url)
        reached = []
        for _ in range(10):
            browser.press("Tab", 9)
            reached.append(browser.run("document.activeElement.id || document.activeElement.tagName"))

        assert reached == ["A", "A", "example", "query", "variables", "token", "BUTTON", "result", "filter", "SUMMARY"]

    @pytest.mark.skipif(not find_axe(), reason="axe-core is not here: npm install --global --ignore-scripts axe-core")
    def test_axe_finds_no_violation_on_desktop_and_phone_by_day_and_night(self, live_server, without_limits, browser):
        for width, dark in itertools.product((1280, 390), (False, True)):
            explorer = Explorer(browser, live_server.url, width=width, height=900, dark=dark)
            explorer.run()
            browser.run("document.querySelectorAll('#types details').forEach(each => { each.open = true })")
            browser.run(find_axe().read_text(encoding="utf-8"))

            assert json.loads(browser.run(AXE)) == []
            assert browser.run("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"

"""The mentor's page in a real browser: it looks right at every size, works by keyboard, and runs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Page, browsing, find_axe, find_chromium
from cohort_samples import biting_cohort, timings_of
from spring_cohort import spring_cohort

from prodev.show.cohort_html import html_page

pytestmark = pytest.mark.skipif(not find_chromium(), reason="There is no Chromium here: apt-get install chromium")
LOOKS = [(width, dark) for width in (1280, 390) for dark in (False, True)]
OPEN = "document.querySelectorAll('details').forEach((each, n) => { each.open = %s; })"
AXE = """axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations.map(
    each => [each.id, each.nodes.slice(0, 3).map(node => node.html.slice(0, 200))])))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with browsing() as page:
        yield page


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, report in (("spring", spring_cohort()), ("few", spring_cohort(22)), ("biting", biting_cohort())):
        (folder / f"{name}.html").write_bytes(html_page(report, timings_of(report)))
    return {file.stem: file for file in folder.iterdir()}


@pytest.fixture
def opened(browser: Page, pages: dict[str, Path]) -> Page:
    browser.logged.clear()
    browser.open(pages["spring"])
    return browser


@pytest.mark.skipif(
    not find_axe(), reason="axe-core is not here: npm install --global axe-core, or name it in AXE_CORE"
)
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_axe_finds_no_violation(browser, pages, width, dark):
    browser.open(pages["few"], width=width, dark=dark)
    browser.run(OPEN % "n % 5 === 0")
    browser.run(find_axe().read_text(encoding="utf-8"))

    assert json.loads(browser.run(AXE)) == []


@pytest.mark.parametrize(("width", "dark"), LOOKS)
@pytest.mark.parametrize("name", ["spring", "biting"])
def test_nothing_sticks_out_of_the_window(browser, pages, name, width, dark):
    browser.open(pages[name], width=width, dark=dark)
    browser.run(OPEN % "true")

    assert browser.run("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", ["spring", "biting"])
def test_the_style_is_let_in_and_nothing_is_asked_for(browser, pages, name):
    browser.logged.clear()
    browser.open(pages[name])

    assert browser.run("getComputedStyle(document.querySelector('nav')).position") == "sticky"
    assert browser.run("performance.getEntriesByType('resource').length") == 0
    assert browser.run("document.scripts.length") == 0
    assert browser.logged == []


def test_what_would_get_through_the_escaping_would_still_not_run(browser, pages, tmp_path):
    hole = (
        "<script>document.title = 'broken in'</script><img src='x.png' onerror=\"document.title = 'broken in'\">"
        "<style>nav { position: fixed !important }</style><p style='color: red' id=hole>x</p><main>"
    )
    torn = tmp_path / "torn.html"
    torn.write_text(pages["spring"].read_text().replace("<main>", hole))
    browser.logged.clear()
    browser.open(torn)

    assert browser.run("document.title") == "Backend, spring 2026: week 6: results"
    assert browser.run("getComputedStyle(document.querySelector('nav')).position") == "sticky"
    assert browser.run("getComputedStyle(document.getElementById('hole')).color") != "rgb(255, 0, 0)"
    assert sum("Content Security Policy" in line for line in browser.logged) == 5


def test_the_first_tab_offers_to_skip_and_shows_where_it_is(opened):
    opened.press("Tab", 9)

    assert opened.run("document.activeElement.textContent") == "Skip to where to begin"
    assert opened.run("document.activeElement.getBoundingClientRect().left >= 0")


def test_a_fold_opens_by_keyboard(opened):
    opened.run("document.querySelector('#exercises summary').focus()")
    opened.press("Enter", 13)

    assert opened.run("document.querySelector('#exercises details').open")


def test_a_cell_leads_to_the_answer_and_unfolds_it(opened):
    opened.run("document.querySelector('.map td.some a').focus()")
    opened.press("Enter", 13)
    opened.run("new Promise(done => setTimeout(done, 100))")

    place = "document.querySelector(location.hash)"
    assert opened.run(f"{place}.closest('details').open")
    assert opened.run(f"Math.abs({place}.getBoundingClientRect().top) < innerHeight")


def test_names_and_headers_stay_in_sight_while_the_map_is_scrolled(opened):
    opened.open(Path(opened.run("decodeURI(location.pathname)")), width=390)
    opened.run("document.querySelector('.map').scrollTo(200, 300)")
    inside = "(at => at.left - document.querySelector('.map').getBoundingClientRect().left < 3 && at.width > 50)"

    assert opened.run(f"{inside}(document.querySelectorAll('.map tbody th')[12].getBoundingClientRect())")
    assert opened.run(
        "document.querySelector('.map thead th').getBoundingClientRect().top"
        " - document.querySelector('.map').getBoundingClientRect().top < 3"
    )

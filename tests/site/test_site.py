"""The built site, as a reader meets it."""

from __future__ import annotations

import json
import logging
import re
import shutil
from pathlib import Path

import pytest

from prodev.course import Course
from prodev.grading import report_schema
from prodev.site.build import SiteError, build
from prodev.site.crawl import faults_of

HOME = Path(__file__).resolve().parents[2]

ALL_KINDS = [
    "index.html",
    "modules/index.html",
    "modules/stays/index.html",
    "lessons/half-open-stays/index.html",
    "exercises/count-nights/index.html",
    "misconceptions/index.html",
    "concepts/index.html",
    "learn/index.html",
    "learn/contract/index.html",
    "mentor/index.html",
    "contribute/index.html",
    "adr/index.html",
    "changelog/index.html",
    "report/index.html",
]


def text_of(site: Path, page: str) -> str:
    """What the page says without JavaScript."""
    html = (site / page).read_text()
    body = re.sub(r"(?s)<(script|style|svg).*?</\1>", "", html[html.index("<article") : html.index("</article>")])
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").split())


def searched(site: Path) -> str:
    index = json.loads((site / "search/search_index.json").read_text())
    return " ".join(entry["text"] for entry in index["docs"])


def test_every_link_anchor_and_picture_resolves_and_nothing_is_foreign(toy_site):
    assert faults_of(toy_site) == []


@pytest.mark.parametrize("page", ALL_KINDS)
def test_every_kind_of_page_has_one_heading_and_its_text_in_the_html(toy_site, page):
    html = (toy_site / page).read_text()

    assert html.count("<h1") == 1
    assert len(text_of(toy_site, page)) > 80
    assert '<meta name="description"' in html


def test_no_markup_is_left_unread(toy_site):
    for page in ALL_KINDS:
        text = re.sub(r"(?s)<(pre|code|script)\b.*?</\1>", "", (toy_site / page).read_text())
        assert not re.search(r"\]\(|\*\*|`|\bmarkdown=|\{ [.#]", text), page


def test_the_home_page_has_three_doors_and_the_weeks(toy_site):
    text = text_of(toy_site, "index.html")

    for words in ("I want to learn", "I mentor a cohort", "I read first", "contributors", "Stays", "6 wrong beliefs"):
        assert words in text


def test_a_module_page_lists_what_it_holds_in_order(toy_site):
    text = text_of(toy_site, "modules/stays/index.html")
    titles = ["Half-open stays", "Count the nights of a stay", "Say what a night costs"]

    assert sorted(titles, key=text.partition("The way through")[2].index) == titles
    assert "warm-up 10 min 3 points" in text
    assert "Count the nights of a stay without an error of one." in text


def test_an_exercise_page_says_what_to_type_and_folds_its_hints(toy_site):
    html = (toy_site / "exercises/count-nights/index.html").read_text()

    assert "prodev start count-nights" in text_of(toy_site, "exercises/count-nights/index.html")
    assert html.count('<details class="hint"') == 5
    assert "<details open" not in html


def test_a_lesson_shows_code_results_table_and_picture(toy_site):
    html = (toy_site / "lessons/half-open-stays/index.html").read_text()

    assert "charged twice: 1" in text_of(toy_site, "lessons/half-open-stays/index.html")
    assert re.search(r'<img alt="Two rows of days[^"]*" class="plot"[^>]* loading="lazy"[^>]* width="340"', html)
    assert 'role="region" aria-label="Table' in html


def test_misconceptions_name_each_belief_and_link_to_the_exercise(toy_site, toy_course: Course):
    text = text_of(toy_site, "misconceptions/index.html")

    for exercise in toy_course.exercises:
        assert all(misconception.belief in text for misconception in exercise.misconceptions.values())


def test_the_report_page_explains_every_field_of_the_schema(toy_site):
    text = text_of(toy_site, "report/index.html")

    assert "passed or failed or ungraded" in re.sub("failed or passed", "passed or failed", text)
    assert json.loads((toy_site / "report.schema.json").read_text()) == json.loads(json.dumps(report_schema()))


def test_no_solution_is_on_the_site(toy_site, toy_course: Course):
    pages = "".join(path.read_text() for path in toy_site.rglob("*.html"))

    for exercise in toy_course.exercises:
        for path in (
            *exercise.reference.iterdir(),
            *(file for folder in exercise.accepted for file in folder.iterdir()),
        ):
            assert path.read_text().splitlines()[-1] not in pages.splitlines()
        assert exercise.why.read_text().splitlines()[-1] not in pages


def test_the_search_knows_the_prose_and_neither_code_nor_results_nor_spoilers(toy_site, toy_course: Course):
    text = searched(toy_site)

    assert "One day is charged to both guests" in text
    assert "charged twice: 1" not in text
    assert "days_of(" not in text
    assert "Subtract one date from the other" not in text
    assert toy_course.exercise("price-tag").misconceptions["number-is-exact"].belief not in text


def test_no_page_names_a_week_in_its_address(toy_site):
    pages = [path.relative_to(toy_site).as_posix() for path in toy_site.rglob("*.html") if "adr" not in path.parts]

    assert [page for page in pages if re.search(r"\d\d-", page)] == []


@pytest.mark.parametrize("root_level", [logging.WARNING, logging.ERROR])
def test_an_anchor_that_does_not_exist_stops_the_build(toy_course, tmp_path, caplog, root_level):
    caplog.set_level(root_level)
    home = tmp_path / "home"
    shutil.copytree(HOME / "docs", home / "docs")
    shutil.copytree(HOME / "src/prodev/site/theme", home / "src/prodev/site/theme")
    shutil.copy(HOME / "mkdocs.yml", home)
    for name in ("CHANGELOG.md", "CONTRIBUTING.md"):
        shutil.copy(HOME / name, home)
    with (home / "docs/mentor/index.md").open("a") as page:
        page.write("\n[x](../learn/index.md#nowhere)\n")

    with pytest.raises(SiteError, match=r"mentor/index.md.*#nowhere"):
        build(toy_course, home=home)


def test_the_course_itself_builds_without_a_fault(tmp_path):
    course = Course(HOME)

    site = build(course, home=HOME, work=tmp_path / "work", site=tmp_path / "site")

    pages = [
        *(f"exercises/{exercise.slug}" for exercise in course.exercises),
        *(f"lessons/{lesson.slug}" for lesson in course.lessons),
    ]
    assert [page for page in pages if not (site / page / "index.html").is_file()] == []


def test_the_site_may_be_published_below_a_path(toy_course, tmp_path, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://course.example/prodev/")

    site = build(toy_course, home=HOME, work=tmp_path / "work", site=tmp_path / "site")

    assert 'href="/prodev/modules/"' in (site / "404.html").read_text()
    assert 'rel="canonical" href="https://course.example/prodev/learn/"' in (site / "learn/index.html").read_text()

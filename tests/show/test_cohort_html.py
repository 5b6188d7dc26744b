"""The mentor's page: what to act on stands first, and nothing that a stranger wrote does anything."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter

import pytest
from cohort_samples import (
    BITES,
    a_test,
    biting_cohort,
    graded,
    harmless,
    large_cohort,
    report_of,
    small_cohort,
    task_of,
    timings_of,
)
from lxml import html
from spring_cohort import spring_cohort

from prodev.cohort.results import Alike, Asked, CohortReport, Handed, Timings
from prodev.show.cohort_html import html_page
from prodev.show.cohort_text import legal

OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "footer", "div", "span"),
    *("h1", "h2", "h3", "h4", "p", "a", "bdi", "b", "i", "q", "strong", "small", "sup", "code", "pre", "mark"),
    *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "svg", "rect"),
    *("table", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("id", "class", "href", "lang", "dir", "scope", "role", "tabindex", "open", "charset", "content", "name"),
    *("aria-label", "aria-labelledby", "aria-hidden", "http-equiv", "viewbox", "preserveaspectratio", "width"),
    *("height", "x"),
}
COHORTS = {"small": small_cohort, "biting": biting_cohort, "spring": spring_cohort}


def page_of(report: CohortReport) -> html.HtmlElement:
    return html.document_fromstring(html_page(report, timings_of(report)))


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def section(report: CohortReport, name: str) -> html.HtmlElement:
    return page_of(report).get_element_by_id(name)


def of_one(exercise: str, *results: tuple[str, str], asked: Asked | None = None) -> CohortReport:
    """A cohort of one exercise with one test: a learner's name and the test's outcome each."""
    graded_all = [
        graded(name, report_of(exercise, task_of("one", 4, a_test("one", "Works", outcome))))
        for name, outcome in results
    ]
    handed = tuple(Handed(name, name) for name, _ in results)
    return CohortReport("e", "t", "L3", handed, (asked or Asked(exercise, "01-sql", exercise, 4),), tuple(graded_all))


@pytest.mark.parametrize("cohort", COHORTS)
def test_the_page_has_no_element_attribute_or_link_but_its_own(cohort):
    page = page_of(COHORTS[cohort]())
    attributes = {name for element in page.iter() for name in element.attrib}

    assert {element.tag for element in page.iter()} <= ELEMENTS
    assert attributes <= ATTRIBUTES
    assert all(link.get("href").startswith("#") for link in page.iter("a"))


def test_what_strangers_write_changes_nothing_but_text():
    def skeleton(report: CohortReport) -> list[tuple[str, dict[str, str]]]:
        return [(element.tag, dict(element.attrib)) for element in page_of(report).iter() if element.tag != "i"]

    assert skeleton(biting_cohort()) == skeleton(biting_cohort(harmless()))


@pytest.mark.parametrize("bite", BITES)
def test_each_text_is_shown_as_text(bite):
    report = of_one("x", (bite, "failed"))
    name = page_of(report).get_element_by_id("l0").getparent().find(".//h3")

    assert not list(name.iterdescendants("script", "img", "svg", "a"))
    assert text_of(name)[:6] in " ".join(legal(bite).split())[:7]


@pytest.mark.parametrize("cohort", COHORTS)
def test_no_control_character_and_no_mark_of_direction_is_left(cohort):
    report = COHORTS[cohort]()

    assert not OBEYED.findall(html_page(report, timings_of(report)).decode())


@pytest.mark.parametrize("cohort", COHORTS)
def test_the_policy_comes_first_and_lets_only_the_pages_own_style_in(cohort):
    page = page_of(COHORTS[cohort]())
    (style,) = page.iter("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    first, second = list(page.find("head"))[:2]

    assert first.get("charset") == "utf-8"
    assert second.get("http-equiv") == "Content-Security-Policy"
    assert second.get("content") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style.text
    assert "@import" not in style.text


@pytest.mark.parametrize("cohort", COHORTS)
def test_every_link_leads_to_one_place_on_the_page(cohort):
    page = page_of(COHORTS[cohort]())
    places = Counter(element.get("id") for element in page.iter() if element.get("id"))

    assert set(places.values()) == {1}
    assert {link.get("href")[1:] for link in page.iter("a")} <= set(places)


def test_what_to_act_on_comes_first():
    headings = [text_of(heading) for heading in page_of(small_cohort()).iter("h2")]

    assert headings == [
        *("Where to begin", "Points", "Exercises", "What could not be graded"),
        *("Answers that look alike", "Learners"),
    ]


def test_the_head_says_what_was_graded_how_and_how_long_it_took():
    head = text_of(page_of(small_cohort()).find(".//header"))

    assert head.startswith("Spring cohort Edition 2026.1. Isolation in force: L3 namespaces, Landlock, seccomp.")
    assert "This run took 12.5 s." in head
    assert head.endswith("submissions4 exercises2 answers passed, of 64 answers handed in late1")


def test_the_beginning_says_whom_to_talk_to_about_what():
    begin = text_of(section(small_cohort(), "begin"))

    assert "The last day counts. 1 learner in Count the nights of a stay Ben" in begin
    assert "1 answer and 1 whole submission could not be graded, for 2 reasons." in begin
    assert "1 pair of answers look alike." in begin
    assert "1 answer was late. What it cost stands with each learner: Ben" in begin


def test_the_idea_that_most_hold_comes_first_and_ideas_with_the_same_tests_are_one():
    beliefs = {"rare": "Few think so.", "one": "This may be it.", "two": "Or this."}
    report = of_one("x", *((f"L{n}", "failed") for n in range(5)), asked=Asked("x", "m", "x", 4, beliefs))
    held = [("rare",), ("one", "two"), ("one", "two"), ("one", "two"), ()]
    results = tuple(graded(r.submission, r.report, held=h) for r, h in zip(report.results, held, strict=True))
    begin = section(CohortReport("e", "t", "L3", report.submissions, report.exercises, results), "begin")
    ideas = begin.xpath(".//ol/li[p[@class='belief']]")

    assert [text_of(idea) for idea in ideas] == [
        "This may be it. or: Or this. 3 learners in x L1L2L3",
        "Few think so. 1 learner in x L0",
    ]
    assert "Failures that no known idea explains Works 1 learner in x" in text_of(begin)


def test_those_below_half_of_the_points_are_named_the_fewest_first():
    report = large_cohort(12, 6)
    weak = [
        graded("weak", report_of(slug, task_of("a", 10, a_test("a", "A", "failed", "No."))))
        for slug in (asked.slug for asked in report.exercises[:3])
    ]
    grown = CohortReport(
        "e", "t", "L3", (*report.submissions, Handed("weak", "w")), report.exercises, (*report.results, *weak)
    )
    first = section(grown, "begin").xpath(".//h3[.='Talk to one by one']/following-sibling::ol/li")[0]

    assert text_of(first).startswith("weak 0 of 60 points 3 exercises not handed in. Lost points in")


def test_nobody_is_called_weak_for_what_could_not_be_graded():
    begin = text_of(section(of_one("x", ("Ada", "passed"), ("Ben", "ungraded")), "begin"))

    assert "Nobody has less than half of the points that could be had." in begin


def test_the_map_is_a_table_with_a_row_a_learner_and_headers_both_ways():
    table = section(small_cohort(), "points").find(".//table")
    rows = [[text_of(cell) for cell in row] for row in table.find("tbody")]

    assert [text_of(head) for head in table.find("thead").iter("th")] == [
        *("Learner", "Points", "count-nightsof 3", "stream-bookingsof 4"),
    ]
    assert rows == [
        ["Ada", "7 of 7", "3", "4"],
        ["Ben", "4.8 of 7", "0.8L", "4"],
        ["Cho", "3 of 3", "3", "?"],
        ["Dan", "?", "?", "?"],
    ]
    assert [row[0].get("scope") for row in table.find("tbody")] == ["row"] * 4
    assert [text_of(cell) for cell in table.find("tfoot")[0]] == ["Passed by", "", "2", "2"]


def test_every_cell_says_in_text_what_its_colour_says():
    told = {"all": r"[\d.]+L?|✓", "most": r"[\d.]+\??L?", "some": r"[\d.]+\??L?", "none": r"0\??L?|✗\??"}
    told |= {"unknown": r"\?L?", "absent": "–"}

    for cohort in (spring_cohort(), small_cohort(), large_cohort(40, 10)):
        for cell in section(cohort, "points").xpath(".//tbody//td[not(contains(@class, 'total'))]"):
            assert re.fullmatch(told[cell.get("class")], text_of(cell)), (cell.get("class"), text_of(cell))


def test_an_exercise_without_points_is_shown_by_a_sign():
    report = CohortReport(
        *("e", "t", "L3", (Handed("Ada", "a"), Handed("Ben", "b")), (Asked("w", "00-warm-up", "Warm up", 0),)),
        tuple(
            graded(name, report_of("w", task_of("one", 0, a_test("one", "Works", outcome))))
            for name, outcome in (("Ada", "passed"), ("Ben", "failed"))
        ),
    )

    cells = section(report, "points").xpath(".//tbody//td[not(contains(@class, 'total'))]")

    assert [text_of(cell) for cell in cells] == ["✓", "✗"]


def test_an_exercise_shows_ideas_tests_points_and_time():
    facts = text_of(section(small_cohort(), "e0"))

    assert "count-nights, module 02-python, 3 points." in facts
    assert "Grading took 0.30 s (median) and at most 0.50 s (Cho)." in facts
    assert "The last day counts. 1 learner Ben" in facts
    assert "Counts nights 1 of 3" in facts
    assert "all points2 less than half1 not graded1" in facts


def test_what_could_not_be_graded_is_told_once_for_each_reason():
    told = [text_of(reason) for reason in section(small_cohort(), "ungraded").xpath("./ul/li")]

    assert told == [
        "The archive ends in the middle of a file. 1 whole submission Dan",
        "No PostgreSQL answers on port 5432. 1 learner in Stream bookings Cho",
    ]


def test_a_pair_stands_side_by_side_with_its_matching_lines_marked():
    sides = section(small_cohort(), "alike").xpath(".//div[@class='side']")
    marked = [[line.text for line in side.xpath(".//mark/i")] for side in sides]

    assert [text_of(side[0]) for side in sides] == ["Ada", "Cho"]
    assert [len(lines) for lines in marked] == [3, 3]
    assert marked[1][0] == "   2      if y < x:"
    assert [text_of(mark) for mark in sides[0].xpath(".//mark/b")] == ["match 1"]


def test_the_page_says_what_a_likeness_does_not_mean():
    said = text_of(section(small_cohort(), "alike"))

    assert "What it does not say: who wrote it first" in said
    assert "Answers of a few lines are not compared at all" in said


def test_pairs_that_hang_together_are_one_circle():
    code = {"a.py": "x\n" * 9}
    marks = (("a.py", 2, 8, "a.py", 2, 8),)
    report = of_one("x", *((name, "passed") for name in "ABCDEFG"))
    pairs = tuple(Alike("x", one, other, 0.9, code, code, marks) for one, other in ("AB", "CD", "BC", "EF"))
    report = CohortReport("e", "t", "L3", report.submissions, report.exercises, report.results, pairs)

    circles = section(report, "alike").xpath(".//div[@class='circle']/h3")

    assert [text_of(circle) for circle in circles] == ["x: 4 learners", "x: 2 learners"]


def test_a_learners_section_shows_tasks_points_lateness_and_collapsed_messages():
    ben = section(small_cohort(), "l1")
    messages = ben.xpath(".//details[@class='told']")

    assert "Count the nights of a stay 0.8 of 3 2 days late: 20 % less" in text_of(ben)
    assert "✗ failed The task half-open 0 of 2" in text_of(ben)
    assert "helper.py is not graded." in text_of(ben)
    assert [message.get("open") for message in messages] == [None]
    assert messages[0].find("pre").text.startswith("I asked for 1 to 3 May.\nI got 3.\n")
    assert text_of(ben).endswith("All points in Stream bookings.")


def test_a_submission_that_could_not_be_read_says_so():
    assert "The archive ends in the middle of a file." in text_of(section(small_cohort(), "l3"))


def test_two_hundred_learners_times_thirty_exercises_stay_a_few_megabytes():
    report = large_cohort(200, 30)

    assert len(html_page(report, timings_of(report))) < 5_000_000


def test_endless_names_messages_and_code_are_cut():
    endless = "<&\"'" * 250_000
    name = "n" * 10_000
    tests = [a_test(f"t{n}", endless, "failed", endless, endless) for n in range(50)]
    results = [graded(name, report_of(f"x{n}", task_of("one", 4, *tests), problem=endless)) for n in range(30)]
    asked = tuple(Asked(f"x{n}", endless, endless, 4, {"b": endless}) for n in range(30))
    pairs = tuple(
        Alike("x1", name, "other", 0.9, {endless: endless}, {"a": "\n" * 999_999}, ((endless, 1, 9, "a", 1, 999_999),))
        for _ in range(1_000)
    )
    handed = (Handed(name, endless, endless, endless, "", (endless,) * 99), Handed("other", "o"))

    page = html_page(CohortReport("e", endless, endless, handed, asked, tuple(results), pairs), Timings(1.0))

    assert len(page) < 5_000_000
    assert name not in page.decode()


def test_a_cohort_without_anybody_or_anything_has_a_page():
    page = html.document_fromstring(html_page(CohortReport("e", "", "", (), (), ()), Timings(0.0)))

    assert "Nobody has less than half" in text_of(page)


def test_equal_reports_give_equal_pages():
    pages = {html_page(report, timings_of(report)) for report in (spring_cohort(), spring_cohort())}

    assert len(pages) == 1

"""Every committed lesson has the shape of a lesson and carries the outputs of one clean run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from prodev.lessons.execute import normalise
from prodev.lessons.page import page_of

SECTIONS = ["What you will be able to do", "Predict", "Run", "Explain", "Break it", "Now you"]
LONGEST = 330
"""Lines of source, blank ones left out."""
WIDEST = 96
"""What a page of the site shows without scrolling sideways."""


@pytest.fixture
def book(notebook: Path) -> Any:
    return nbformat.read(notebook, as_version=4)


def _code(book: Any) -> list[Any]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def _prose(book: Any) -> str:
    return "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def _outside_fences(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def test_begins_with_a_title_and_two_sentences(book: Any):
    title, blank, *sentences = book.cells[0].source.splitlines()

    assert title.startswith("# ")
    assert blank == ""
    assert len(sentences) == 2
    assert all(sentence.endswith((".", "?")) for sentence in sentences)


def test_has_the_six_sections_in_order(book: Any):
    headings = re.findall(r"^## (.*)$", _outside_fences(_prose(book)), flags=re.MULTILINE)

    assert headings == SECTIONS


def test_fits_its_length(book: Any):
    lines = [line for cell in book.cells for line in cell.source.splitlines() if line.strip()]

    assert len(lines) <= LONGEST


def test_code_is_no_wider_than_a_page(book: Any):
    lines = [line for cell in _code(book) for line in cell.source.splitlines()]

    assert [line for line in lines if len(line) > WIDEST] == []


def test_was_run_from_top_to_bottom(book: Any):
    counts = [cell.execution_count for cell in _code(book)]

    assert counts == list(range(1, len(counts) + 1))


def test_ends_without_an_error(book: Any):
    kinds = {output.output_type for cell in _code(book) for output in cell.outputs}
    streams = {output.name for cell in _code(book) for output in cell.outputs if output.output_type == "stream"}

    assert "error" not in kinds
    assert "stderr" not in streams


def test_shows_one_picture_that_says_what_it_shows(notebook: Path):
    page = page_of(notebook)  # raises for a picture without an alt text

    assert [Path(name).suffix for name in page.pictures] == [".svg"]


def test_asserts_what_it_measures(book: Any):
    asserting = [cell for cell in _code(book) if re.search(r"^\s*assert ", cell.source, flags=re.MULTILINE)]

    assert len(asserting) >= 5


def test_asserts_no_time(book: Any):
    assert not [cell.source for cell in _code(book) if re.search(r"perf_counter|time\.time|%time|timeit", cell.source)]


def test_is_skipped_or_ignored_nowhere_without_a_reason(book: Any):
    marked = [cell.source for cell in _code(book) if "NBVAL" in cell.source.upper()]
    tags = [tag for cell in book.cells for tag in cell.metadata.get("tags", [])]

    # nbval knows the marker only where it has a line to itself, so the reason has the next one.
    assert [source for source in marked if not re.match(r"# NBVAL_IGNORE_OUTPUT\n# because .{20,}\n", source)] == []
    assert [source for source in marked if source.upper().count("NBVAL") > 1] == []
    assert [tag for tag in tags if tag.startswith("nbval")] == []


def test_tells_of_no_machine_and_no_moment(notebook: Path, book: Any):
    text = notebook.read_text(encoding="utf-8")
    before = json.dumps(book, sort_keys=True)
    normalise(book)

    assert re.findall(r"/home/|/root/|/tmp/|/work/|/Users/|site-packages|[A-Z]:\\\\|0x[0-9a-f]{6,}", text) == []
    assert json.dumps(book, sort_keys=True) == before


def test_links_lead_somewhere(notebook: Path, book: Any):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", _outside_fences(_prose(book)))

    assert [target for target in targets if not (notebook.parent / target).is_file()] == []


def test_leads_to_an_exercise(book: Any):
    assert re.search(r"\]\(\.\./\.\./exercises/[^)]+/README\.md\)", book.cells[-1].source)

"""A notebook becomes a page that shows what the run showed."""

from __future__ import annotations

import base64
import re
import struct
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from prodev.course import CourseError
from prodev.lessons.page import LessonPage, page_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"></svg>'
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480)).decode()


@pytest.fixture
def page(tmp_path: Path):
    def of(*cells: Any) -> LessonPage:
        path = tmp_path / "lesson.ipynb"
        nbformat.write(new_notebook(cells=list(cells)), path)
        return page_of(path)

    return of


def ran(source: str, *outputs: Any, **metadata: Any) -> Any:
    return new_code_cell(source, execution_count=1, outputs=list(outputs), metadata=metadata)


def shown(**data: str) -> Any:
    return new_output("execute_result", {key.replace("_", "/", 1): value for key, value in data.items()})


def printed(text: str) -> Any:
    return new_output("stream", name="stdout", text=text)


def picture(svg: str = SVG) -> Any:
    return new_output("display_data", {"image/svg+xml": svg, "text/plain": "<Figure>"})


def test_markdown_stays_as_it_is(page):
    text = page(new_markdown_cell("# Title\n\n!!! note\n    Look.")).markdown

    assert text == "# Title\n\n!!! note\n    Look.\n"


def test_code_and_what_it_printed_are_fences_that_search_leaves_out(page):
    text = page(ran("print(1)\nprint(2)", printed("1\n"), printed("2\n"))).markdown

    assert text == (
        "```{ .python data-search-exclude=1 }\nprint(1)\nprint(2)\n```\n\n"
        "```{ .text .printed data-search-exclude=1 }\n1\n2\n```\n"
    )


def test_a_fence_is_longer_than_any_in_its_text(page):
    text = page(ran("x", printed("```\n"))).markdown

    assert "````{ .text" in text


def test_a_cell_magic_names_the_language(page):
    assert "```{ .bash data-search-exclude=1 }\n%%bash\nls\n```" in page(ran("%%bash\nls")).markdown


def test_a_traceback_is_shown_without_its_colours(page):
    error = new_output("error", ename="KeyError", evalue="'x'", traceback=["\x1b[31mKeyError\x1b[0m: 'x'"])

    assert "\nKeyError: 'x'\n" in page(ran("boom", error)).markdown


@pytest.mark.parametrize(
    "cell",
    [
        ran("# alt: Two bars\nplot()", picture()),
        ran("setup()\n# alt: Two\n#   bars\nplot()", picture()),
        ran("plot()", picture(), alt="Two bars"),
        ran("plot()", picture(), alt=["Two bars"]),
    ],
    ids=["comment", "longer comment", "metadata", "list in metadata"],
)
def test_a_picture_is_a_file_with_its_text_and_size(page, cell):
    made = page(cell)

    (name,) = made.pictures
    assert re.fullmatch(r"lesson-[0-9a-f]{12}\.svg", name)
    assert f"![Two bars](pictures/{name}){{ .plot loading=lazy width=96 height=48 }}" in made.markdown
    assert "alt:" not in made.markdown


def test_the_code_of_a_picture_is_folded_below_it(page):
    text = page(ran("# alt: Bars\nplot()", picture())).markdown

    assert text.index("![Bars]") < text.index("<details") < text.index("\nplot()\n```") < text.index("</details>")


def test_two_pictures_take_their_texts_in_order(page):
    other = SVG.replace("72pt", "10px")

    text = page(ran("# alt: First\n# alt: Second\nplot()", picture(), picture(other))).markdown

    assert text.index("![First]") < text.index("![Second]")


def test_a_png_is_shown_with_its_width_and_height_when_there_is_no_svg(page):
    made = page(ran("# alt: A photo\nplot()", new_output("display_data", {"image/png": PNG})))

    assert "width=640 height=480" in made.markdown


def test_the_same_picture_is_stored_once(page):
    made = page(ran("# alt: One\n# alt: Two\nplot()", picture(), picture()))

    assert len(made.pictures) == 1


def test_a_picture_without_a_text_is_an_error_that_names_the_cell(page):
    with pytest.raises(CourseError, match=r"lesson.ipynb: cell 2 \('plot\(\)'\) shows a picture without an alt text"):
        page(new_markdown_cell("# T"), ran("plot()", picture()))


def test_a_cell_that_was_never_run_is_an_error(page):
    with pytest.raises(CourseError, match=r"cell 1 .* was never run"):
        page(new_code_cell("print(1)"))


def test_a_table_scrolls_by_itself_and_is_named_after_its_columns(page):
    html = "<style>td {}</style>\n<table>\n\n<tr><th>desk&#x27;s <i>new</i> row</th><th>n</th></tr></table>"

    text = page(ran("rows", shown(text_html=html))).markdown

    assert '<div class="scroll" role="region" aria-label="Table of desk&#x27;s new row, n" tabindex="0"' in text
    assert '<table class="result">\n<tr><th>' in text
    assert "<style>" not in text


def test_other_html_is_an_error(page):
    with pytest.raises(CourseError, match="HTML that is not a table"):
        page(ran("widget", shown(text_html="<iframe></iframe>")))


def test_markdown_that_code_displays_is_markdown(page):
    assert "\n**two** rows\n" in page(ran("show()", shown(text_markdown="**two** rows"))).markdown


def test_brackets_in_a_text_do_not_end_it(page):
    made = page(ran("# alt: The range [a, b)\nplot()", picture()))

    assert r"![The range \[a, b)](" in made.markdown

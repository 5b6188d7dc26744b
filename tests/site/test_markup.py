"""Markdown as authors write it becomes Markdown as Python-Markdown reads it."""

from __future__ import annotations

import markdown
import pytest

from prodev.site.markup import asks_for_mermaid, heading_of, normalise, replace_links


def html(text: str) -> str:
    made = markdown.markdown(normalise(text), extensions=["pymdownx.superfences", "tables", "md_in_html", "sane_lists"])
    return "".join(line.strip() for line in made.splitlines())


def test_a_list_may_follow_a_sentence_directly():
    assert html("Two things:\n- one\n- two") == "<p>Two things:</p><ul><li>one</li><li>two</li></ul>"


@pytest.mark.parametrize("indent", [2, 4])
def test_lists_nest_by_the_column_of_the_text_above(indent):
    assert html(f"- a\n{' ' * indent}- b\n- c") == "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"


def test_a_numbered_item_keeps_its_second_paragraph():
    assert html("1. a\n\n   b\n2. c").count("<ol>") == 1


def test_a_fence_in_an_item_stays_in_it():
    assert "</code></pre></div></li>" in html("1. run\n   ```sh\n   ls\n   ```\n")


def test_a_fence_keeps_its_lines():
    text = "```python\nx = [\n  - 1,\n]\n- y\n```\n"

    assert normalise(text) == text


def test_a_table_may_follow_a_sentence_directly():
    assert "<table>" in html("Look:\n| a | b |\n|---|---|\n| 1 | 2 |")


def test_markdown_inside_details_is_read():
    assert "<strong>b</strong>" in html("<details>\n<summary>s</summary>\n\n**b**\n\n</details>")


def test_normalising_twice_changes_nothing():
    text = normalise("a:\n- b\n  - c\n\n    ```sh\n    x\n    ```\n1. d\n   e\n")

    assert normalise(text) == text


def test_targets_outside_code_are_replaced():
    text = 'See [`a`](x.md#y "T"), ![p](q.svg), <a href="z">z</a> and\n\n[r]: s.md\n'

    assert replace_links(text, str.upper) == 'See [`a`](X.MD#Y "T"), ![p](Q.SVG), <a href="Z">z</a> and\n\n[r]: S.MD\n'


def test_targets_inside_code_stay():
    text = "`[a](b)` ``[`a`](b)``\n```md\n[a](b)\n```\n~~~~\n```\n[a](b)\n~~~~\n"

    assert replace_links(text, str.upper) == text


def test_a_picture_without_a_text_is_refused():
    with pytest.raises(ValueError, match=r"'q.svg' has no alt text"):
        replace_links("![](q.svg)", str)


@pytest.mark.parametrize("fence", ["```mermaid", "``` { .mermaid }", "  ~~~mermaid"])
def test_mermaid_is_noticed(fence):
    assert asks_for_mermaid(f"text\n{fence}\ngraph LR\n")
    assert not asks_for_mermaid("A mermaid.")


def test_the_first_heading_is_found():
    assert heading_of("---\nx: y\n---\n\n# The title { #id }\n\n# Other\n") == "The title"

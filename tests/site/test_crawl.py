"""The crawl finds what a reader would stumble over."""

from __future__ import annotations

from pathlib import Path

import pytest

from prodev.site.crawl import faults_of


@pytest.fixture
def faults(tmp_path: Path):
    def of(body: str, **files: str) -> list[str]:
        (tmp_path / "index.html").write_text(f"<html><body>{body}</body></html>")
        (tmp_path / "other").mkdir()
        (tmp_path / "other/index.html").write_text("<h1 id='here'>x</h1>")
        (tmp_path / "style.css").write_text(files.get("css", ""))
        return faults_of(tmp_path)

    return of


@pytest.mark.parametrize(
    "body",
    [
        '<a href="other/#here">x</a> <a href="./">x</a> <a href="other/index.html">x</a>',
        '<p id="a b"><a href="#a%20b">x</a></p>',
        '<a href="https://example.com/">a foreign page may be linked to</a>',
        '<img src="style.css" alt="x"><link rel="canonical" href="https://example.com/">',
        "",
    ],
)
def test_a_sound_page_has_no_fault(faults, body):
    assert faults(body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<a href="nowhere/">x</a>', "'nowhere/' leads nowhere"),
        ('<a href="other/#gone">x</a>', "names a place that other/index.html does not have"),
        ('<a href="#gone">x</a>', "names a place"),
        ('<a href="/other/">x</a>', "bound to one place"),
        ('<img src="gone.svg" alt="x">', "'gone.svg' leads nowhere"),
        ('<img src="style.css">', "has no alt text"),
        ('<script src="https://cdn.example.com/x.js"></script>', "from a foreign host"),
        ('<link rel="stylesheet" href="//fonts.example.com/x.css">', "from a foreign host"),
        ('<link rel="preconnect" href="https://fonts.example.com">', "from a foreign host"),
        ('<img src="https://example.com/x.png" alt="x">', "from a foreign host"),
    ],
)
def test_a_fault_is_one_sentence(faults, body, words):
    (fault,) = faults(body)

    assert fault.startswith("index.html")
    assert words in fault


@pytest.mark.parametrize("css", ["a { background: url(https://x.example/y.png) }", '@import "//x.example/y.css";'])
def test_a_style_sheet_fetches_nothing_foreign(faults, css):
    (fault,) = faults("", css=css)

    assert "style.css fetches" in fault

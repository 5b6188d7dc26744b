"""An executed notebook as a Markdown page and the pictures it shows.

Markdown cells stay as they are. Code, and what it printed, become fences that the search index
leaves out, since a reader looks for words and the index is fetched with every page. The code of a
picture stands folded below it. Every picture has a text that says what it shows: the cell's
metadata ``alt``, or comment lines, one for each picture::

    # alt: Bars of queries for 10, 50 and 200 listings. The naive bars grow with the listings,
    #   the prefetched ones stay at two.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat

from prodev.course import CourseError

_ALT = re.compile(r"^#[ ]alt:[ ]*(?P<text>.*(?:\n#[ ]{2,}\S.*)*)\n?", re.MULTILINE)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TABLE = re.compile(r"<table.*</table>", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_SVG_SIZE = re.compile(r"\s(width|height)=[\"']([0-9.]+)(pt|px)?[\"']")
_MAGIC = re.compile(r"%%(bash|sh|sql|html|javascript)\b.*\n")
_DRAWN = "The code that draws this picture"
_PIXELS = {"pt": 4 / 3, "px": 1.0, "": 1.0}


@dataclass
class LessonPage:
    """A page in Markdown; its pictures by file name, which it looks for below ``pictures/``."""

    markdown: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)


def page_of(notebook: Path) -> LessonPage:
    """Turn the executed ``notebook`` into a page.

    Raises CourseError, which names the cell, for code that was never run, a picture without an alt
    text, or HTML that is not a table.
    """
    book = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    language = book.metadata.get("language_info", {}).get("name", "python")
    page = LessonPage()
    parts: list[str] = []
    for number, cell in enumerate(book.cells, start=1):
        if cell.cell_type == "markdown":
            parts.append(cell.source.strip())
        elif cell.cell_type == "code" and cell.source.strip():
            parts.extend(_CodeCell(notebook, number, cell, page.pictures).parts(language))
    page.markdown = "\n\n".join(parts) + "\n"
    return page


class _CodeCell:
    """One cell on its way to the page: its source, its outputs and the texts of its pictures."""

    def __init__(self, notebook: Path, number: int, cell: Any, pictures: dict[str, bytes]) -> None:
        self.notebook = notebook
        self.number = number
        self.outputs: list[Any] = cell.outputs
        self.pictures = pictures
        given = cell.metadata.get("alt", [])
        written = [" ".join(match["text"].replace("\n#", " ").split()) for match in _ALT.finditer(cell.source)]
        self.alts: Iterator[str] = iter([given] if isinstance(given, str) else [*given, *written])
        self.source = _ALT.sub("", cell.source).strip()
        if cell.execution_count is None:
            raise self._error("was never run", "Run the notebook from top to bottom and save it with its outputs.")

    def parts(self, language: str) -> list[str]:
        """The cell as pieces of Markdown; the code of a picture is folded away below it."""
        magic = _MAGIC.match(self.source)
        code = _fence(self.source, f"{{ .{magic[1] if magic else language} data-search-exclude=1 }}")
        shown = list(self._outputs())
        if any(part.startswith("![") for part in shown):
            return [*shown, f'<details markdown="1">\n<summary>{_DRAWN}</summary>\n\n{code}\n\n</details>']
        return [code, *shown]

    def _outputs(self) -> Iterator[str]:
        printed = ""
        for output in self.outputs:
            if output.output_type == "stream":
                printed += output.text
                continue
            yield from _printed(printed)
            printed = ""
            yield from self._shown(output)
        yield from _printed(printed)

    def _shown(self, output: Any) -> Iterator[str]:
        if output.output_type == "error":
            yield from _printed("\n".join(output.traceback))
            return
        data = output.data
        if "image/svg+xml" in data:
            yield self._picture(data["image/svg+xml"].encode(), "svg")
        elif "image/png" in data:
            yield self._picture(base64.b64decode(data["image/png"]), "png")
        elif "text/html" in data:
            yield self._table(data["text/html"])
        elif "text/markdown" in data:
            yield data["text/markdown"].strip()
        else:
            yield from _printed(data.get("text/plain", ""))

    def _picture(self, content: bytes, kind: str) -> str:
        alt = next(self.alts, "").strip()
        if not alt:
            raise self._error(
                "shows a picture without an alt text",
                "Say in its first line what the picture shows: '# alt: Bars of …', one such line for each picture.",
            )
        name = f"{self.notebook.stem}-{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
        self.pictures[name] = content
        size = _svg_size(content) if kind == "svg" else _png_size(content)
        attributes = "".join(f" {key}={value}" for key, value in size.items())
        return f"![{_plain(alt)}](pictures/{name}){{ .plot loading=lazy{attributes} }}"

    def _table(self, html: str) -> str:
        table = _TABLE.search(html)
        if table is None:
            raise self._error("shows HTML that is not a table", "Print text, or show a table or a picture.")
        heads = ", ".join(" ".join(_TAG.sub("", head).split()) for head in _HEAD.findall(table[0]))
        label = f"Table of {heads}" if heads else f"Table, the result of cell {self.number}"
        rows = "\n".join(line for line in table[0].splitlines() if line.strip())
        rows = rows.replace("<table>", '<table class="result">', 1)  # the theme wraps tables without a class
        region = f'role="region" aria-label="{escape(unescape(label))}" tabindex="0" data-search-exclude'
        return f'<div class="scroll" {region}>\n{rows}\n</div>'

    def _error(self, fault: str, remedy: str) -> CourseError:
        first_line = self.source.partition("\n")[0]
        return CourseError(f"{self.notebook}: cell {self.number} ('{first_line[:60]}') {fault}.", remedy=remedy)


def _printed(text: str) -> Iterator[str]:
    text = _ANSI.sub("", text).strip("\n")
    if text.strip():
        yield _fence(text, "{ .text .printed data-search-exclude=1 }")


def _fence(text: str, opening: str) -> str:
    ticks = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}{opening}\n{text}\n{fence}"


def _plain(alt: str) -> str:
    """Keep what Markdown would read as markup out of a picture's text."""
    return re.sub(r"([\[\]*_\\])", r"\\\1", " ".join(alt.split()).replace("`", ""))


def _png_size(content: bytes) -> dict[str, int]:
    width, height = struct.unpack(">II", content[16:24])
    return {"width": width, "height": height}


def _svg_size(content: bytes) -> dict[str, int]:
    root = re.search(rb"<svg[^>]*>", content)
    found = _SVG_SIZE.findall(root[0].decode()) if root else []
    return {name: round(float(number) * _PIXELS[unit]) for name, number, unit in found}

"""Read a built site as a browser would, and tell what is broken in it.

MkDocs checks what Markdown says; this checks what a reader gets, whichever generator made it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

_FETCHED = {"script": "src", "img": "src", "source": "src", "iframe": "src", "video": "src", "audio": "src"}
_NOT_FETCHED_RELS = {"canonical", "prev", "next", "alternate"}
_CSS_URL = re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])((?:https?:)?//[^\"')\s]+)")
_HOST = "http://site"


def faults_of(site: Path, *, base: str = "/") -> list[str]:
    """One sentence for every link, anchor or picture that leads nowhere, every script, style, font or
    picture of a foreign host, and every picture without an alt text.

    ``base`` is the path under which the site will be published; only 404.html may link from there.
    """
    reader = _Site(site, base)
    return [*(fault for page in sorted(reader.pages) for fault in reader.check(page)), *reader.check_styles()]


@dataclass
class _Reading(HTMLParser):
    """What one page names: its anchors, where it links to, what it makes the browser fetch."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    silent_pictures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("id"):
            self.ids.add(given["id"])
        if tag == "a" and given.get("name"):
            self.ids.add(given["name"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link":
            known = _NOT_FETCHED_RELS & set(given.get("rel", "").split())
            (self.links if known else self.fetched).append(given.get("href", ""))
        if tag in _FETCHED and given.get(_FETCHED[tag]):
            self.fetched.append(given[_FETCHED[tag]])
        if tag == "img" and not given.get("alt", "").strip():
            self.silent_pictures.append(given.get("src", "?"))


class _Site:
    def __init__(self, root: Path, base: str) -> None:
        self.root = root
        self.base = base
        self.files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}

    @cached_property
    def pages(self) -> dict[str, _Reading]:
        return {name: self._read(name) for name in self.files if name.endswith(".html")}

    def check(self, page: str) -> list[str]:
        reading = self.pages[page]
        faults = [f"{page}: the picture '{src}' has no alt text." for src in reading.silent_pictures]
        for target in reading.fetched:
            faults += self._foreign(page, target) or self._broken(page, target)
        for target in reading.links:
            faults += self._broken(page, target)
        return faults

    def check_styles(self) -> list[str]:
        """Style sheets, and styles and scripts inside pages, that fetch from a foreign host."""
        texts = {name: (self.root / name).read_text(encoding="utf-8") for name in self.files if name.endswith(".css")}
        return [f"{name} fetches {url}." for name, text in sorted(texts.items()) for url in _CSS_URL.findall(text)]

    def _read(self, name: str) -> _Reading:
        reading = _Reading()
        reading.feed((self.root / name).read_text(encoding="utf-8"))
        return reading

    def _foreign(self, page: str, target: str) -> list[str]:
        foreign = urlsplit(target).netloc != ""
        return [f"{page} makes the browser fetch {target} from a foreign host."] if foreign else []

    def _broken(self, page: str, target: str) -> list[str]:
        parts = urlsplit(target)
        if parts.scheme in {"http", "https", "mailto", "data"} or parts.netloc:
            return []
        if parts.scheme or (parts.path.startswith("/") and page != "404.html"):
            return [f"{page}: the link '{target}' is bound to one place; make it relative."]
        path = parts.path
        if path.startswith(self.base):
            path = f"/{path.removeprefix(self.base)}"
        resolved = unquote(urlsplit(urljoin(f"{_HOST}/{page}", path)).path).removeprefix("/")
        file = resolved if resolved in self.files else f"{resolved.rstrip('/')}/index.html".removeprefix("/")
        if file not in self.files:
            return [f"{page}: the link '{target}' leads nowhere."]
        anchor = unquote(parts.fragment)
        if anchor and file in self.pages and anchor not in self.pages[file].ids:
            return [f"{page}: the link '{target}' names a place that {file} does not have."]
        return []

"""Where each part of the repository stands on the site, and what a link may lead to.

An address is a path in the staged tree (``exercises/batches.md``). It holds no week number, so that
a module can move without breaking a bookmark.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

from prodev.course import Course, CourseError, Exercise, Lesson, Module
from prodev.site.markup import replace_links

_TOP = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contribute/contributing.md"}
_ALIASES = {"README.md": "index.md", "modules": "modules/index.md", "exercises": "modules/index.md"}
_GENERATED = ("index.md", "modules/index.md", "concepts.md", "misconceptions.md", "adr/index.md", "report.md")
_FOLDERS_OF_FILES = ("exercises/", "modules/", "docs/", "capstone/")


def address_of(item: Module | Lesson | Exercise) -> str:
    """The page of ``item``."""
    if isinstance(item, Module):
        return f"modules/{item.name.split('-', 1)[1]}/index.md"
    return f"{'lessons' if isinstance(item, Lesson) else 'exercises'}/{item.slug}.md"


def relative(address: str, page: str) -> str:
    """``address`` as a link on ``page``."""
    return posixpath.relpath(address, posixpath.dirname(page) or ".")


class Addresses:
    """Every page by the path of its source, and the plain files that pages link to."""

    def __init__(self, course: Course, home: Path) -> None:
        self._roots = (course.root, home)
        self.files: dict[str, Path] = {}
        self.documents = {name: address for name, address in _TOP.items() if (home / name).is_file()}
        for path in sorted((home / "docs").rglob("*.md")):
            self.documents[path.relative_to(home).as_posix()] = path.relative_to(home / "docs").as_posix()
        self.pages = _ALIASES | self.documents
        self.pages |= {f"docs/{address}": address for address in (*_GENERATED, *self.documents.values())}
        for module in course.modules:
            self.pages[f"modules/{module.name}"] = self.pages[f"exercises/{module.name}"] = address_of(module)
            for item in module.contents:
                self._add(item)

    def _add(self, item: Lesson | Exercise) -> None:
        address = address_of(item)
        if isinstance(item, Lesson):
            self.pages[f"modules/{item.module}/{item.slug}.ipynb"] = address
        else:
            folder = f"exercises/{item.module}/{item.slug}"
            self.pages[folder] = self.pages[f"{folder}/README.md"] = address

    def rewrite(self, text: str, *, source: str, page: str) -> str:
        """Turn the repository's links in ``text``, which stands in ``source``, into links of ``page``.

        Raises CourseError for a link that leads nowhere and for a picture without a text.
        """
        try:
            return replace_links(text, lambda target: self._link(target, source, page))
        except ValueError as fault:
            raise CourseError(f"{source}: {fault}.", remedy="Write what it shows between the brackets.") from fault

    def _link(self, target: str, source: str, page: str) -> str:
        parts = urlsplit(target)
        if parts.scheme in {"http", "https", "mailto"}:
            return target
        fragment = f"#{parts.fragment.lower()}" if parts.fragment else ""
        if not parts.path and not parts.scheme:
            return fragment
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(parts.path)))
        address = self.pages.get(wanted) or self.pages.get(f"{wanted}/index.md") or self._file(wanted)
        if parts.scheme or parts.path.startswith("/") or address is None:
            raise CourseError(f"{source}: the link '{target}' leads nowhere.", remedy=_remedy(wanted))
        return relative(address, page) + fragment

    def _file(self, wanted: str) -> str | None:
        found = self._find(wanted)
        if found is None or not found.is_file() or found.suffix == ".md":
            return None
        if not wanted.startswith(_FOLDERS_OF_FILES):
            return None
        self.files[f"files/{wanted}"] = found
        return f"files/{wanted}"

    def _find(self, wanted: str) -> Path | None:
        return next((root / wanted for root in self._roots if (root / wanted).exists()), None)


def _remedy(wanted: str) -> str:
    if wanted.startswith("solutions/"):
        return "Solutions are not on the site; name the command instead: prodev solution <slug>"
    return f"There is neither a page nor a file '{wanted}'; is it in the 'order' of its module?"

"""Write the whole site as one tree of Markdown, from course data and ``docs/``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prodev.course import Course, CourseError, Exercise, Lesson, Module
from prodev.grading.report import report_schema
from prodev.lessons.page import page_of
from prodev.site import pages
from prodev.site.addresses import Addresses, address_of
from prodev.site.markup import asks_for_mermaid, heading_of, normalise
from prodev.site.pages import Page

Navigation = list[Any]
"""MkDocs' own shape: addresses, and mappings of a title to an address or to such a list."""


@dataclass(frozen=True)
class Staged:
    """The tree, and what stands below those entries of the navigation that the course fills."""

    folder: Path
    sections: dict[str, Navigation]


def stage(course: Course, *, home: Path, into: Path) -> Staged:
    """Write the pages of ``course`` and of ``home``'s documents into ``into``, which is emptied first.

    Raises CourseError that tells of every page that could not be written, and why.
    """
    shutil.rmtree(into, ignore_errors=True)
    tree = _Tree(course, home, into)
    tree.write_modules()
    tree.write_documents()
    tree.write_indexes()
    if tree.faults:
        raise CourseError("\n\n".join(tree.faults))
    sections: dict[str, Navigation] = {
        "modules/index.md": ["modules/index.md", *(_branch(module) for module in course.modules)],
        "adr/index.md": ["adr/index.md", *(page.address for page in tree.decisions)],
    }
    return Staged(into, sections)


class _Tree:
    """The staged tree while it grows; faults are gathered, so that an author sees all of them at once."""

    def __init__(self, course: Course, home: Path, into: Path) -> None:
        self.course = course
        self.home = home
        self.into = into
        self.addresses = Addresses(course, home)
        self.decisions: list[Page] = []
        self.faults: list[str] = []

    def write_modules(self) -> None:
        for module in self.course.modules:
            with self._gather(module.name):
                self._write_page(pages.module_page(module))
            for item in module.contents:
                with self._gather(f"{item.module}/{item.slug}"):
                    page = self._lesson(item, module) if isinstance(item, Lesson) else self._exercise(item)
                    self._write_page(page)

    def write_documents(self) -> None:
        """Write ``docs/``, the documents at the top, and every plain file that a page led to."""
        for source, address in self.addresses.documents.items():
            with self._gather(source):
                self._write_page(self._document(source, address))
        for path in sorted((self.home / "docs").rglob("*")):
            if path.is_file() and path.suffix != ".md":
                self._write(path.relative_to(self.home / "docs").as_posix(), path.read_bytes())
        for address, path in self.addresses.files.items():
            self._write(address, path.read_bytes())

    def write_indexes(self) -> None:
        for make in (pages.home_page, pages.course_page, pages.misconceptions_page, pages.concepts_page):
            with self._gather(make.__name__):
                self._write_page(make(self.course))
        self._write_page(pages.decisions_page(self.decisions))
        schema = report_schema()
        self._write("report.schema.json", json.dumps(schema, indent=2).encode())
        self._write_page(pages.report_page(schema))

    def _lesson(self, lesson: Lesson, module: Module) -> Page:
        page, address = page_of(lesson.path), address_of(lesson)
        source = f"modules/{lesson.module}/{lesson.path.name}"
        for name, picture in page.pictures.items():
            self._write(f"lessons/pictures/{name}", picture)
            self.addresses.pages[f"modules/{lesson.module}/pictures/{name}"] = f"lessons/pictures/{name}"
        body = self._fitted(page.markdown, source, address)
        return pages.lesson_page(lesson, module, body)

    def _exercise(self, exercise: Exercise) -> Page:
        source = exercise.brief.relative_to(self.course.root).as_posix()
        brief = self._fitted(_read(exercise.brief), source, address_of(exercise))
        return pages.exercise_page(exercise, self.course, brief)

    def _document(self, source: str, address: str) -> Page:
        text = self._fitted(_read(self.home / source), source, address)
        page = Page(address, heading_of(text) or address, normalise(text))
        if address.startswith("adr/"):
            self.decisions.append(page)
        return page

    def _fitted(self, text: str, source: str, address: str) -> str:
        """``text`` with the site's links, and nothing that would call a foreign host."""
        if asks_for_mermaid(text):
            raise CourseError(
                f"{source} holds a Mermaid diagram, whose script comes from a foreign host.",
                remedy="Draw it as an SVG beside the text, and show it as a picture.",
            )
        return self.addresses.rewrite(text, source=source, page=address)

    def _write_page(self, page: Page) -> None:
        self._write(page.address, page.text.encode())

    def _write(self, address: str, content: bytes) -> None:
        path = self.into / address
        if path.exists() and path.read_bytes() != content:
            raise CourseError(f"Two pages want the address '{address}'.", remedy="Rename one of them.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    @contextmanager
    def _gather(self, name: str) -> Iterator[None]:
        try:
            yield
        except CourseError as fault:
            self.faults.append(str(fault) if name in str(fault) else f"{name}: {fault}")


def _branch(module: Module) -> dict[str, Navigation]:
    items = [{item.title: address_of(item)} for item in module.contents]
    return {f"{module.number} · {module.title}": [address_of(module), *items]}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as fault:
        raise CourseError(f"{path} is missing.", remedy="Every exercise has its brief there.") from fault

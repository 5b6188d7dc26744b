"""A new module, exercise or lesson that works at once, and whose every part says what to replace."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Template

import tomlkit
import tomlkit.items

from prodev.course import Course, CourseError
from prodev.course.reading import SLUG

MARK = "REPLACE-ME"
"""Stands wherever a scaffold waits for its author; a check names each file that still has it."""

_TEMPLATES = Path(__file__).parent / "templates"
_MODULE = re.compile(r"\d\d-[a-z][a-z0-9-]*")


@dataclasses.dataclass(frozen=True)
class Scaffold:
    """What was made, and what to type next."""

    made: tuple[Path, ...]
    next: tuple[str, ...]


def new_module(course: Course, name: str) -> Scaffold:
    """Make ``modules/<name>`` with a ``module.toml``. Raises CourseError when it exists or is no NN-name."""
    if not _MODULE.fullmatch(name):
        raise CourseError(f"'{name}' is no name of a module.", remedy="Call it NN-name, as in: 02-python")
    week = name.split("-", 1)[0]
    taken = sorted((course.root / "modules").glob(f"{week}-*"))
    if taken:
        raise CourseError(f"Week {week} is taken by modules/{taken[0].name}.", remedy="Choose another number.")
    path = course.root / "modules" / name / "module.toml"
    _write(path, _filled("module.toml.template", title=_title(name.split("-", 1)[1])))
    return Scaffold(
        (path,), (f"Edit {path.relative_to(course.root)}", f"prodev dev new exercise {name}/what-the-learner-does")
    )


def new_exercise(course: Course, name: str) -> Scaffold:
    """Make the folders of the exercise ``NN-module/slug`` and order it. Raises CourseError rather than overwrite."""
    module, slug = _free(course, name, "exercise")
    made = []
    for template, room in (("exercise", "exercises"), ("solution", "solutions")):
        folder = course.root / room / module / slug
        for source, path in _files_of(_TEMPLATES / template, folder, slug):
            _write(path, _filled(source, title=_title(slug)))
        made.append(folder)
    made.append(_order(course, module, slug))
    brief = (made[0] / "README.md").relative_to(course.root)
    return Scaffold(
        tuple(made),
        (f"Replace what says {MARK}, beginning with {brief}", f"prodev dev check {slug}", f"prodev dev mutants {slug}"),
    )


def new_lesson(course: Course, name: str) -> Scaffold:
    """Make the notebook of the lesson ``NN-module/slug``, not yet run, and order it. Errors as ``new_exercise``."""
    module, slug = _free(course, name, "lesson")
    path = course.root / "modules" / module / f"{slug}.ipynb"
    cells = list(_cells(_filled("lesson.py.template", title=_title(slug))))
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    _write(path, json.dumps(book, indent=1, ensure_ascii=False) + "\n")
    place = path.relative_to(course.root)
    return Scaffold(
        (path, _order(course, module, slug)),
        (
            f"Replace what says {MARK} in {place}, and order it before its exercises",
            f"python -m prodev.lessons.execute {place}",
            f"pytest --nbval --nbval-sanitize-with=tests/lessons/may-differ.cfg -p no:randomly {place}",
        ),
    )


def _free(course: Course, name: str, noun: str) -> tuple[str, str]:
    module, _, slug = name.partition("/")
    if not (course.root / "modules" / module / "module.toml").is_file() or not slug:
        raise CourseError(
            f"'{name}' names no place in a module.",
            remedy=f"Type: prodev dev new {noun} NN-module/slug; a module is made by: prodev dev new module NN-name",
        )
    if not SLUG.fullmatch(slug) or re.search(r"(^|-)v?\d+$|(19|20)\d\d", slug):
        raise CourseError(
            f"'{slug}' is no slug.", remedy="Use 2 to 32 of a-z, 0-9 and '-', with no number, year or version in it."
        )
    taken = [*course.root.glob(f"exercises/*/{slug}"), *course.root.glob(f"solutions/*/{slug}")]
    taken += course.root.glob(f"modules/*/{slug}.ipynb")
    if taken:
        raise CourseError(
            f"{taken[0].relative_to(course.root)} is there already.", remedy="Choose another slug; nothing was changed."
        )
    return module, slug


def _files_of(template: Path, folder: Path, slug: str) -> Iterator[tuple[str, Path]]:
    for source in sorted(template.rglob("*.template")):
        place = source.relative_to(template).as_posix().removesuffix(".template")
        yield source.relative_to(_TEMPLATES).as_posix(), folder / place.replace("SLUG", slug.replace("-", "_"))


def _filled(template: str, *, title: str) -> str:
    return Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(title=title)


def _title(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def _order(course: Course, module: str, slug: str) -> Path:
    """Add ``slug`` to the end of the module's order, unless it is planned there; keep every comment."""
    path = course.root / "modules" / module / "module.toml"
    text = path.read_text(encoding="utf-8")
    wanted = [*tomllib.loads(text)["order"], slug]
    if slug not in wanted[:-1]:
        longer = _appended(text, slug)
        if tomllib.loads(longer)["order"] != wanted:  # a comment behind an item of the first line swallows what follows
            longer = _appended(text, slug, one_a_line=True)
        path.write_text(longer, encoding="utf-8")
    return path


def _appended(text: str, slug: str, *, one_a_line: bool = False) -> str:
    table = tomlkit.parse(text)
    order = table["order"]
    assert isinstance(order, tomlkit.items.Array)
    if one_a_line:
        order.multiline(True)
    order.append(slug)
    return tomlkit.dumps(table)


def _cells(text: str) -> Iterator[dict[str, object]]:
    """The cells of a script in which ``# %%`` begins one."""
    parts = re.split(r"^# %%(.*)$", text, flags=re.MULTILINE)[1:]
    for number, (kind, body) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        cell: dict[str, object] = {"id": f"cell-{number:02}", "metadata": {}}
        if "markdown" in kind:
            source = re.sub(r"^# ?", "", body.strip(), flags=re.MULTILINE).strip()
            yield cell | {"cell_type": "markdown", "source": source.splitlines(keepends=True)}
        else:
            source = body.strip()
            yield cell | {
                "cell_type": "code",
                "execution_count": None,
                "outputs": [],
                "source": source.splitlines(keepends=True),
            }

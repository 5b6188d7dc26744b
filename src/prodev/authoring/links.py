"""The promises about pointers: links, lessons and exercises that are spoken of, names in the TOML."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from prodev.authoring.evidence import Breach, Evidence, failing_messages
from prodev.course import Lesson

SLUG = re.compile(r"[a-z][a-z0-9-]{1,31}")

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_NUMBERED = re.compile(r"(^|-)v?\d+$|(19|20)\d\d")
_SPOKEN_EXERCISE = re.compile(r"exercise `([a-z0-9-]+)`")
_SPOKEN_LESSON = re.compile(r"[Ll]esson '(?=\w)")
_SECTION = re.compile(r"', section '([^']+)'")
_TOOL = re.compile(r"[a-z0-9][a-z0-9._+-]*")


def links_resolve(evidence: Evidence) -> Iterator[Breach]:
    """Point, in the brief, why.md and the hints, only at files and headings that exist."""
    exercise = evidence.exercise
    for document in (exercise.brief, exercise.why):
        if document.is_file():
            text = document.read_text(encoding="utf-8")
            yield from _dead_links(text, document.parent, document, evidence.place(document))
            yield from _unknown_exercises(evidence, text, evidence.place(document))
    for task in exercise.tasks:
        for hint in task.hints:
            place = f"A hint of task '{task.id}'"
            yield from _dead_links(hint, exercise.folder, exercise.brief, place)
            yield from _unknown_exercises(evidence, hint, place)


def spoken_lessons_exist(evidence: Evidence) -> Iterator[Breach]:
    """Name, in every message of the bank, lessons and sections that exist."""
    titles = {lesson.title: lesson for lesson in _lessons(evidence)}
    said = chain.from_iterable(failing_messages(report) for report in evidence.reports.values())
    for spoken in sorted({message.splitlines()[-1] for _, message in said if message}):
        for match in _SPOKEN_LESSON.finditer(spoken):
            rest = spoken[match.end() :]
            title = next((title for title in titles if rest.startswith(f"{title}'")), None)
            if title is None:
                yield Breach(
                    f"A message of {evidence.exercise.slug} sends the learner to lesson '{rest}, which does not exist.",
                    "Use the title of the lesson's first heading.",
                )
                continue
            section = _SECTION.match(rest.removeprefix(title))
            if section and section[1] not in _headings(titles[title].path):
                yield Breach(
                    f"A message sends the learner to section '{section[1]}' of lesson '{title}', which has none.",
                    f"Its sections: {', '.join(_headings(titles[title].path)[1:])}.",
                )


def names_resolve(evidence: Evidence) -> Iterator[Breach]:
    """Use slugs that are slugs and unique, and let lesson, requires, tools, app and preload resolve."""
    exercise = evidence.exercise
    place = f"{evidence.place(exercise.folder)}/exercise.toml"
    yield from _bad_slug(evidence)
    yield from _out_of_order(evidence, place)
    for tool in exercise.tools:
        if not _TOOL.fullmatch(tool):
            yield Breach(
                f"{place}: '{tool}' is no name of a program.", "Name it as on the command line, without a path."
            )
    if exercise.app is not None:
        module, _, attribute = exercise.app.partition(":")
        if not attribute or not (exercise.starter / f"{module.replace('.', '/')}.py").is_file():
            yield Breach(
                f"{place}: app '{exercise.app}' is not in the starter.", "Write it as 'config.wsgi:application'."
            )
    for module in exercise.preload:
        if importlib.util.find_spec(module.split(".")[0]) is None:
            yield Breach(f"{place}: preload '{module}' is not installed.", "Remove it, or add it to the dependencies.")


def _bad_slug(evidence: Evidence) -> Iterator[Breach]:
    slug, root = evidence.exercise.slug, evidence.course.root
    if not SLUG.fullmatch(slug) or _NUMBERED.search(slug):
        yield Breach(
            f"'{slug}' is no slug: 2 to 32 of a-z, 0-9 and '-', with no number, year or version in it.",
            "Rename the folder after what the learner does.",
        )
    twins = [*root.glob(f"exercises/*/{slug}"), *root.glob(f"modules/*/{slug}.ipynb")]
    if len(twins) > 1:
        yield Breach(
            f"The slug '{slug}' is used twice: {', '.join(evidence.place(path) for path in sorted(twins))}.",
            "Rename one: a slug is unique in the whole course.",
        )


def _out_of_order(evidence: Evidence, place: str) -> Iterator[Breach]:
    exercise = evidence.exercise
    if exercise.slug not in evidence.order:
        yield Breach(
            f"modules/{exercise.module}/module.toml does not order '{exercise.slug}': no learner meets it.",
            "Add it to 'order'.",
        )
        return
    earlier = evidence.order[: evidence.order.index(exercise.slug)]
    exercises = {path.name for path in evidence.course.root.glob("exercises/*/*/")}
    for slug in exercise.requires:
        if slug not in exercises:
            yield Breach(f"{place}: requires '{slug}', which is no exercise.", "Correct the slug, or remove it.")
        elif slug not in earlier:
            yield Breach(
                f"{place}: requires '{slug}', which comes later in the course.", "Move one of the two, or remove it."
            )
    if exercise.lesson is not None and exercise.lesson not in {lesson.slug for lesson in _lessons(evidence)}:
        yield Breach(f"{place}: lesson '{exercise.lesson}' does not exist.", "Name the stem of a notebook in modules/.")
    elif exercise.lesson is not None and exercise.lesson not in earlier:
        yield Breach(f"{place}: lesson '{exercise.lesson}' comes after it in 'order'.", "Order the lesson first.")


def _lessons(evidence: Evidence) -> list[Lesson]:
    return [Lesson(path.parent.name, path) for path in sorted(evidence.course.root.glob("modules/*/*.ipynb"))]


def _dead_links(text: str, base: Path, itself: Path, place: str) -> Iterator[Breach]:
    for target in _LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (base / path).resolve() if path else itself
        if not file.exists():
            yield Breach(f"{place} links to '{target}', which does not exist.", "Correct the path; it is relative.")
        elif anchor and anchor not in {_anchor(heading) for heading in _headings(file)}:
            yield Breach(f"{place} links to '{target}', and that file has no such heading.", "Correct the anchor.")


def _unknown_exercises(evidence: Evidence, text: str, place: str) -> Iterator[Breach]:
    for slug in _SPOKEN_EXERCISE.findall(text):
        if not any(evidence.course.root.glob(f"exercises/*/{slug}/")):
            yield Breach(
                f"{place} speaks of the exercise `{slug}`, which does not exist.", "Correct the slug, or cut it."
            )


def _headings(file: Path) -> list[str]:
    if file.is_dir():
        file = file / "README.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    if file.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return [line.lstrip("#").strip() for line in text.splitlines() if re.match(r"#+ ", line)]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")

"""The promises about a module: what it orders is there, once, and what is there is ordered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from prodev.authoring.evidence import Breach, breach_of
from prodev.authoring.scaffold import MARK
from prodev.course import Course, CourseError, Module

_NAME = re.compile(r"\d\d-[a-z][a-z0-9-]*")


def module_breaches(course: Course, name: str) -> Iterator[Breach]:
    """Yield what is broken about the module in ``modules/<name>``."""
    module = Module(course.root, name)
    if not _NAME.fullmatch(name):
        yield Breach(f"modules/{name} is not called NN-name.", "Rename it, and its folders beside: 02-python.")
    try:
        ordered = [item.slug for item in module.contents]
    except CourseError as error:
        yield breach_of(course, error)
        return
    for slug, times in Counter(ordered).items():
        if times > 1:
            yield Breach(f"modules/{name}/module.toml orders '{slug}' {times} times.", "Keep it once.")
    if not module.outcomes or not module.summary.strip():
        yield Breach(f"modules/{name}/module.toml has no summary or outcomes.", "Say what a learner can do afterwards.")
    for path in sorted([module.folder / "module.toml", *module.folder.glob("*.ipynb")]):
        if MARK in path.read_text(encoding="utf-8"):
            yield Breach(f"{path.relative_to(course.root)} still says {MARK}.", "Make that part your own.")
    yield from _orphans(course, name, set(ordered))


def _orphans(course: Course, name: str, ordered: set[str]) -> Iterator[Breach]:
    present = {path.stem: path for path in course.root.glob(f"modules/{name}/*.ipynb")}
    present |= {path.name: path for path in course.root.glob(f"exercises/{name}/*/")}
    for slug in sorted(present.keys() - ordered):
        yield Breach(
            f"{present[slug].relative_to(course.root)} stands in no 'order': no learner meets it.",
            f"Add '{slug}' to 'order' in modules/{name}/module.toml.",
        )
    for folder in sorted(course.root.glob(f"solutions/{name}/*/")):
        if not (course.root / "exercises" / name / folder.name).is_dir():
            yield Breach(f"{folder.relative_to(course.root)} solves no exercise.", "Remove it, or add the exercise.")

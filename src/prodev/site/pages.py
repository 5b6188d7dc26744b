"""Course nouns as Markdown pages, one template for each kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from prodev.course import Course, Exercise, Lesson, Module
from prodev.site.addresses import address_of, relative
from prodev.site.markup import normalise

_TEMPLATES = Environment(
    loader=PackageLoader("prodev.site"),
    autoescape=False,  # Markdown, written by us, not HTML from strangers
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Page:
    """One file of the staged tree."""

    address: str
    title: str
    text: str


def home_page(course: Course) -> Page:
    beliefs = sum(len(exercise.misconceptions) for exercise in course.exercises)
    return _page("home", "index.md", "ProDev", course=course, beliefs=beliefs)


def course_page(course: Course) -> Page:
    return _page("course", "modules/index.md", "The course", course=course)


def module_page(module: Module) -> Page:
    return _page("module", address_of(module), module.title, module=module)


def lesson_page(lesson: Lesson, module: Module, body: str) -> Page:
    """``body`` is the notebook's page, with its heading and with the site's links."""
    _, heading, rest = body.partition(f"# {lesson.title}\n")
    number = [other.slug for other in module.lessons].index(lesson.slug) + 1
    uses = [exercise for exercise in module.exercises if exercise.lesson == lesson.slug]
    facts = {"lesson": lesson, "module": module, "number": number, "uses": uses}
    return _page("lesson", address_of(lesson), lesson.title, body=rest if heading else body, **facts)


def exercise_page(exercise: Exercise, course: Course, brief: str) -> Page:
    """``brief`` is the exercise's README, with the site's links; its own heading gives way to the title."""
    heading, _, rest = brief.lstrip().partition("\n")
    facts = {
        "module": course.module(exercise.module),
        "lesson": course.lesson(exercise.lesson) if exercise.lesson else None,
        "requires": [course.exercise(slug) for slug in exercise.requires],
        "brief": rest if heading.startswith("# ") else brief,
    }
    return _page("exercise", address_of(exercise), exercise.title, exercise=exercise, **facts)


def misconceptions_page(course: Course) -> Page:
    return _page("misconceptions", "misconceptions.md", "Misconceptions", course=course)


def concepts_page(course: Course) -> Page:
    """Every concept that an exercise names, in alphabetical order, with where it is practised."""
    places: dict[str, list[Exercise]] = {}
    for exercise in course.exercises:
        for concept in exercise.concepts:
            places.setdefault(concept, []).append(exercise)
    concepts = [
        {"name": name, "letter": name[0].upper(), "exercises": found, "lessons": list(_lessons_of(found, course))}
        for name, found in sorted(places.items(), key=lambda entry: entry[0].casefold())
    ]
    return _page("concepts", "concepts.md", "Concepts", concepts=concepts)


def decisions_page(decisions: list[Page]) -> Page:
    return _page("decisions", "adr/index.md", "Decisions", decisions=decisions)


def report_page(schema: dict[str, Any]) -> Page:
    """``schema`` is the JSON schema that the grader publishes."""
    return _page("report", "report.md", "The report's schema", schema=schema)


def _lessons_of(exercises: list[Exercise], course: Course) -> Iterator[Lesson]:
    for slug in dict.fromkeys(exercise.lesson for exercise in exercises if exercise.lesson):
        yield course.lesson(slug)


def _page(template: str, address: str, title: str, **facts: Any) -> Page:
    text = _TEMPLATES.get_template(f"{template}.md").render(to=_links_of(address), title=title, **facts)
    return Page(address, title, normalise(text))


def _links_of(page: str) -> Callable[[Any], str]:
    def to(target: str | Module | Lesson | Exercise) -> str:
        return relative(target if isinstance(target, str) else address_of(target), page)

    return to


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"


def _shape(schema: dict[str, Any]) -> str:
    """A JSON schema's type, as a reader would say it."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_shape(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"mapping of text to {_shape(schema['additionalProperties'])}"
    return {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false"}[schema["type"]]


def anchor(concept: str) -> str:
    """The place of ``concept`` on the page of concepts."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in concept.casefold()).split())


_TEMPLATES.filters.update(duration=_duration, count=_count, anchor=anchor, shape=_shape, dedent=inspect.cleandoc)
_TEMPLATES.tests.update(lesson=lambda item: isinstance(item, Lesson))

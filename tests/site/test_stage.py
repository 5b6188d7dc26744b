"""The staged tree: addresses, links, and faults said in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from prodev.course import Course, CourseError
from prodev.site.stage import Staged, stage

EXERCISE = "exercises/00-stays/count-nights"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the toy course that a test may break, with two pages of documents."""
    home = tmp_path / "home"
    shutil.copytree(Path(__file__).parents[1] / "toy_course", home)
    for name in ("learn", "mentor", "contribute"):
        (home / "docs" / name).mkdir(parents=True)
        (home / "docs" / name / "index.md").write_text(f"# {name}\n\nSee [the course](../modules/index.md).\n")
    return home


@pytest.fixture
def staged(home: Path):
    def into() -> Staged:
        return stage(Course(home), home=home, into=home / ".build")

    return into


def add_to_brief(home: Path, text: str) -> None:
    with (home / EXERCISE / "README.md").open("a") as brief:
        brief.write(f"\n{text}\n")


def test_links_of_the_repository_become_links_between_pages(home, staged):
    add_to_brief(home, "[one](../../../modules/00-stays/half-open-stays.ipynb#Now-you) [two](../price-tag)")

    page = (staged().folder / "exercises/count-nights.md").read_text()

    assert "[one](../lessons/half-open-stays.md#now-you) [two](price-tag.md)" in page


def test_a_lesson_links_to_exercises_and_finds_its_pictures(staged):
    folder = staged().folder
    page = (folder / "lessons/half-open-stays.md").read_text()

    assert "](../exercises/count-nights.md)" in page
    (picture,) = (folder / "lessons/pictures").iterdir()
    assert f"](pictures/{picture.name})" in page


def test_a_file_that_a_brief_links_to_comes_along(staged):
    folder = staged().folder

    assert (
        "](../files/exercises/00-stays/price-tag/starter/tag.json)" in (folder / "exercises/price-tag.md").read_text()
    )
    assert (folder / "files/exercises/00-stays/price-tag/starter/tag.json").is_file()


def test_navigation_follows_the_course(staged):
    assert staged().sections["modules/index.md"] == [
        "modules/index.md",
        {
            "0 · Stays": [
                "modules/stays/index.md",
                {"Half-open stays": "lessons/half-open-stays.md"},
                {"Count the nights of a stay": "exercises/count-nights.md"},
                {"Say what a night costs": "exercises/price-tag.md"},
            ]
        },
    ]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("[x](../no-such/)", "count-nights/README.md: the link '../no-such/' leads nowhere"),
        ("[x](../../../solutions/00-stays/count-nights/why.md)", "Solutions are not on the site"),
        ("[x](/exercises/)", "the link '/exercises/' leads nowhere"),
        ("[x](../../../../outside.txt)", "leads nowhere"),
        ("[x](attachment:y.png)", "leads nowhere"),
        ("![](starter/nights.py)", "has no alt text"),
        ("```mermaid\ngraph LR\n```", "Mermaid"),
    ],
)
def test_a_fault_in_a_brief_is_said_in_words(home, staged, link, words):
    add_to_brief(home, link)

    with pytest.raises(CourseError) as caught:
        staged()

    assert words in str(caught.value)


def test_all_faults_are_told_at_once(home, staged):
    add_to_brief(home, "[x](nowhere)")
    (home / "docs/mentor/index.md").write_text("# M\n\n[y](nowhere-else.md)\n")

    with pytest.raises(CourseError) as caught:
        staged()

    assert "'nowhere'" in str(caught.value)
    assert "'nowhere-else.md'" in str(caught.value)


def test_a_lesson_that_nobody_ran_names_its_cell(home, staged):
    path = home / "modules/00-stays/half-open-stays.ipynb"
    book = json.loads(path.read_text())
    code = next(cell for cell in book["cells"] if cell["cell_type"] == "code")
    code["execution_count"] = None
    path.write_text(json.dumps(book))

    with pytest.raises(CourseError, match=r"half-open-stays.ipynb: cell 4 .* was never run"):
        staged()


def test_an_exercise_without_a_brief_is_named(home, staged):
    (home / EXERCISE / "README.md").unlink()

    with pytest.raises(CourseError, match=r"count-nights/README.md is missing"):
        staged()


def test_what_was_staged_before_is_gone(home, staged):
    staged()
    (home / ".build/old.md").write_text("# Old")

    assert not (staged().folder / "old.md").exists()

"""The promises that reading keeps: what is marked, what lies where, and what the brief says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from prodev.authoring.evidence import Breach, Evidence
from prodev.authoring.scaffold import MARK

SECTIONS = ("Situation", "Task", "Example", "Done when", "Time", "Rests on")
SCREEN_LINES = 60
LEAST_MISCONCEPTIONS = 3

_JUNK = re.compile(r"(~|\.(bak|orig|rej|swp|tmp))$|^(\.DS_Store|Thumbs\.db|\.ipynb_checkpoints|\.pytest_cache)$")
_TEXT = (".md", ".toml", ".py", ".sql", ".sh", ".json", ".html", ".ipynb")
_SOLUTION = ("reference", "accepted", "misconceptions", "misconceptions.toml", "why.md", "mutants.toml")
_EXERCISE = ("README.md", "exercise.toml", "starter", "tests")


def tasks_are_marked(evidence: Evidence) -> Iterator[Breach]:
    """Mark in the suite the tasks of exercise.toml, each test with exactly one and a docstring."""
    known = [task.id for task in evidence.exercise.tasks]
    tests = {test.id.split("[")[0].split("::")[-1]: test for test in evidence.marked_tests}
    for name, test in tests.items():
        if test.marks != 1:
            yield Breach(
                f"{name} carries {test.marks} task marks.",
                'Give it exactly one @pytest.mark.task("…"); if it is no test, let its name not begin with "test".',
            )
        elif test.task not in known:
            yield Breach(
                f"{name} is marked with task '{test.task}', which exercise.toml does not have.",
                f"Use one of {', '.join(known)}, or add the [[task]].",
            )
        if not test.title:
            yield Breach(f"{name} has no docstring.", "Give it one sentence that a learner reads as its title.")
    for task in known:
        if task not in {test.task for test in tests.values()}:
            yield Breach(
                f"Task '{task}' of exercise.toml has no test.", f'Mark one @pytest.mark.task("{task}"), or remove it.'
            )


def scaffold_is_replaced(evidence: Evidence) -> Iterator[Breach]:
    """Leave nothing that says REPLACE-ME."""
    exercise = evidence.exercise
    files = [path for path in [*_files(exercise.folder), *_files(exercise.solution)] if path.suffix in _TEXT]
    marked = [evidence.place(path) for path in files if MARK in path.read_text(encoding="utf-8")]
    if marked:
        yield Breach(f"{MARK} still stands in {', '.join(marked)}.", "Make each part your own, and remove the mark.")


def tasks_are_worth_points(evidence: Evidence) -> Iterator[Breach]:
    """Give points to every task that the learner solves, or to none of an ungraded exercise."""
    exercise = evidence.exercise
    for task in exercise.tasks:
        if exercise.points and not task.given and task.points <= 0:
            yield Breach(
                f"Task '{task.id}' is worth {task.points} points.", "Give it points, or mark it 'given = true'."
            )


def starter_carries_todo(evidence: Evidence) -> Iterator[Breach]:
    """Name the spot with TODO in a file that the learner edits, and ship every such file."""
    exercise = evidence.exercise
    place = evidence.place(exercise.starter)
    for pattern in exercise.edit:
        if "*" not in pattern and not (exercise.starter / pattern).is_file():
            yield Breach(f"{place} has no {pattern}, which 'edit' lists.", "Add it, with a TODO, or correct 'edit'.")
    files = exercise.edited_files(exercise.starter)
    if not any("TODO" in (exercise.starter / path).read_text(encoding="utf-8") for path in files):
        yield Breach(f"Nothing in {place} says TODO.", "Name the spot where the learner works with a TODO.")


def bank_is_large_enough(evidence: Evidence) -> Iterator[Breach]:
    """Keep a reference, at least three misconceptions and one accepted variant, and why.md."""
    exercise = evidence.exercise
    place = evidence.place(exercise.solution)
    if not exercise.edited_files(exercise.reference):
        yield Breach(f"{place}/reference holds no answer.", f"Put {', '.join(exercise.edit)} there.")
    if not exercise.accepted:
        yield Breach(
            f"{place}/accepted holds no variant.", "Add another right answer, as far from the reference as is fair."
        )
    if (count := len(exercise.misconception_folders)) < LEAST_MISCONCEPTIONS:
        yield Breach(
            f"{place}/misconceptions holds {count} wrong ideas; {LEAST_MISCONCEPTIONS} are the least.",
            "Add what a learner would really write, one wrong idea in each folder.",
        )
    if not exercise.why.is_file() or not exercise.why.read_text(encoding="utf-8").strip():
        yield Breach(f"{place}/why.md is missing.", "Say why this shape, what else would do, and what it costs.")


def bank_agrees_with_its_table(evidence: Evidence) -> Iterator[Breach]:
    """Describe each misconception folder in misconceptions.toml, with a belief, its tasks and a phrase."""
    exercise = evidence.exercise
    folders = {folder.name for folder in exercise.misconception_folders}
    tasks = {task.id for task in exercise.tasks}
    table = f"{evidence.place(exercise.solution)}/misconceptions.toml"
    for name in sorted(folders - set(exercise.misconceptions)):
        yield Breach(
            f"The folder misconceptions/{name} is not in {table}.", f"Add [{name}] with belief, fails and says."
        )
    for name, idea in exercise.misconceptions.items():
        if name not in folders:
            yield Breach(f"{table} describes [{name}], which has no folder.", "Remove it, or add the wrong answer.")
        for task in sorted(set(idea.fails) - tasks):
            yield Breach(
                f"{table}: [{name}] fails '{task}', which is no task.", f"The tasks are {', '.join(sorted(tasks))}."
            )
        if not idea.fails or not idea.belief.strip() or not idea.says.strip():
            yield Breach(f"{table}: [{name}] leaves belief, fails or says empty.", "Fill in all three.")


def variants_hold_what_differs(evidence: Evidence) -> Iterator[Breach]:
    """Hold, in each misconception and accepted variant, only files that differ from the reference."""
    exercise = evidence.exercise
    for folder in [*exercise.accepted, *exercise.misconception_folders]:
        files = exercise.edited_files(folder)
        for path in files:
            twin = exercise.reference / path
            if twin.is_file() and twin.read_bytes() == (folder / path).read_bytes():
                yield Breach(f"{evidence.place(folder / path)} equals the reference's.", "Remove that copy.")
        if not files:
            yield Breach(
                f"{evidence.place(folder)} holds no file of 'edit' ({', '.join(exercise.edit)}).",
                "Add one, or remove it.",
            )


def nothing_is_stray(evidence: Evidence) -> Iterator[Breach]:
    """Keep no file that nothing uses, and no suite module whose name another suite has."""
    exercise = evidence.exercise
    answers = [exercise.reference, *exercise.accepted, *exercise.misconception_folders]
    strays = [path for path in _children(exercise.folder) if path.name not in _EXERCISE]
    strays += [path for path in _children(exercise.solution) if path.name not in _SOLUTION]
    for name in ("accepted", "misconceptions"):
        strays += [path for path in _children(exercise.solution / name) if not path.is_dir()]
    for answer in answers:
        edited = set(exercise.edited_files(answer))
        strays += [path for path in _files(answer) if path.relative_to(answer).as_posix() not in edited]
    for folder in (exercise.starter, exercise.tests):
        strays += [path for path in _files(folder) if any(_JUNK.search(part) for part in path.parts[-2:])]
    for path in strays:
        yield Breach(
            f"{evidence.place(path)} is stray: nothing grades or shows it.",
            "Remove it, or list it in 'edit' if it is part of the answer.",
        )
    yield from _shared_module_names(evidence)


def _shared_module_names(evidence: Evidence) -> Iterator[Breach]:
    """All suites may share one pytest process, in which a module's name means one file."""
    for path in sorted(evidence.exercise.tests.glob("*.py")):
        if path.name in ("probes.py", "conftest.py"):
            continue
        for twin in sorted(evidence.course.root.glob(f"exercises/*/*/tests/{path.name}")):
            if twin != path:
                yield Breach(
                    f"{evidence.place(path)} has the name of {evidence.place(twin)}, and one process may load both.",
                    "Put the slug in the module's name.",
                )


def brief_fits_a_screen(evidence: Evidence) -> Iterator[Breach]:
    """Say in the brief, on one screen, the situation, task, example, end, time and what it rests on."""
    exercise = evidence.exercise
    place = evidence.place(exercise.brief)
    if not exercise.brief.is_file():
        yield Breach(f"{place} is missing.", f"Write the brief: {', '.join(SECTIONS)}.")
        return
    lines = exercise.brief.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] != f"# {exercise.title}":
        yield Breach(f"{place} does not begin with '# {exercise.title}', the title in exercise.toml.", "Use one title.")
    missing = [part for part in SECTIONS if not any(re.match(rf"(\*\*|#+ ){part}\b", line) for line in lines)]
    if missing:
        yield Breach(f"{place} has no section {', '.join(missing)}.", "Begin a paragraph with each: **Situation.** …")
    if len(lines) > SCREEN_LINES:
        yield Breach(
            f"{place} is {len(lines)} lines long and no longer fits a screen ({SCREEN_LINES}).",
            "Cut it, or move detail into hints and why.md.",
        )
    if not re.search(rf"\b{exercise.minutes} minutes\b", "\n".join(lines)):
        yield Breach(
            f"{place} does not say '{exercise.minutes} minutes', the time in exercise.toml.", "Make the two agree."
        )


def _children(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.name != "__pycache__")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)

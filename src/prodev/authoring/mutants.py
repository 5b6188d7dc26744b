"""Do the tests mind? Small changes to the reference, graded as any candidate is."""

from __future__ import annotations

import dataclasses
import difflib
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from prodev.authoring.evidence import FIRST_SEED, Breach, Evidence
from prodev.authoring.mutant import Mutant, with_keys
from prodev.course import Exercise
from prodev.course.reading import read_toml
from prodev.errors import Unavailable
from prodev.grading import Grader, layers_of

MOST = 40
"""Mutants that a check grades of one exercise; of more than these, a sample, the same every time."""
LEAST_SHARE = 0.9


@dataclasses.dataclass
class Hunt:
    """What became of the mutants of one exercise.

    ``explained`` maps a key to the reason why nothing can tell that mutant from the reference.
    """

    generated: int = 0
    sampled: bool = False
    explained: dict[str, str] = dataclasses.field(default_factory=dict)
    killed: list[Mutant] = dataclasses.field(default_factory=list)
    survivors: list[Mutant] = dataclasses.field(default_factory=list)
    remarks: list[str] = dataclasses.field(default_factory=list)
    stale: list[str] = dataclasses.field(default_factory=list)

    @property
    def unexplained(self) -> list[Mutant]:
        return [mutant for mutant in self.survivors if mutant.key not in self.explained]

    def share(self, suffix: str = "") -> float:
        """The killed among those that are not explained as equivalent, of files that end in ``suffix``."""
        killed = sum(mutant.file.endswith(suffix) for mutant in self.killed)
        alive = sum(mutant.file.endswith(suffix) for mutant in self.unexplained)
        return killed / (killed + alive) if killed + alive else 1.0

    @property
    def summary(self) -> str:
        """The figures in a sentence."""
        tried = len(self.killed) + len(self.survivors)
        if not tried:
            return "no mutants."
        equivalent = len(self.survivors) - len(self.unexplained)
        of = f" of {self.generated}, sampled" if self.sampled else ""
        return f"{tried} mutants{of}: {self.share():.0%} killed, {equivalent} equivalent."

    def lines(self) -> list[str]:
        """What an author reads: the figures, then each survivor as a diff with the key that explains it."""
        lines = [f"{self.summary[0].upper()}{self.summary[1:]}", *self.remarks]
        for mutant in self.survivors:
            reason = self.explained.get(mutant.key)
            told = f"equivalent: {reason}" if reason else f'to explain it: {mutant.key} = "…" in mutants.toml'
            lines += ["", f"{mutant.key} survives; {told}", mutant.diff]
        return lines + [f"{key} is stale: remove it from mutants.toml." for key in self.stale]


def hunt_in(exercise: Exercise, *, most: int = MOST) -> Hunt:
    """``hunt`` with a grader of its own."""
    with Grader(exercise) as grader:
        return hunt(exercise, grader, most=most)


def mutants_die(evidence: Evidence) -> Iterator[Breach]:
    """Kill nine tenths of the Python mutants that are not explained, and keep no explanation of a dead one."""
    hunted = evidence.hunted = hunt(evidence.exercise, evidence.grader)
    table = f"{evidence.place(evidence.exercise.solution)}/mutants.toml"
    share = hunted.share(".py")
    if share < LEAST_SHARE:
        alive = [mutant for mutant in hunted.unexplained if mutant.file.endswith(".py")]
        yield Breach(
            f"{share:.0%} of the Python mutants die, and {LEAST_SHARE:.0%} are to: "
            + "; ".join(f"{mutant.key} {mutant.told}" for mutant in alive),
            f"Add a test that each of them fails, or say in {table} why nothing can tell it from the reference.",
        )
    for key in hunted.stale:
        yield Breach(
            f"{table} explains '{key}', which is no longer a mutant that survives.", "Remove that line: it is stale."
        )


def hunt(exercise: Exercise, grader: Grader, *, most: int = MOST) -> Hunt:
    """Grade the mutants of the reference; one that passes every task survives, one that hangs is killed.

    Raises Unavailable when a service is missing, CourseError when ``mutants.toml`` cannot be read.
    """
    mutants, remarks = mutants_of(exercise)
    hunted = Hunt(generated=len(mutants), explained=explanations(exercise), remarks=remarks)
    chosen = _sample(mutants, hunted.explained, most, seed=exercise.slug)
    hunted.sampled = len(chosen) < len(mutants)
    faithful: dict[str, bool] = {(exercise.reference / path).read_text("utf-8"): True for path in _files(exercise)}
    for mutant in chosen:
        if mutant.before not in faithful:
            faithful[mutant.before] = _passes(exercise, grader, mutant.file, mutant.before)
            if not faithful[mutant.before]:
                hunted.remarks.append(f"{mutant.file}: as sqlglot writes '{mutant.scope}', it fails; left out.")
        if faithful[mutant.before]:
            survives = _passes(exercise, grader, mutant.file, mutant.after)
            (hunted.survivors if survives else hunted.killed).append(mutant)
    alive = {mutant.key for mutant in hunted.survivors}
    hunted.stale = [key for key in hunted.explained if key not in alive]
    return hunted


def mutants_of(exercise: Exercise) -> tuple[list[Mutant], list[str]]:
    """Every mutant of what the reference adds to the starter, and remarks on what could not be mutated."""
    mutants: list[Mutant] = []
    remarks: list[str] = []
    for path in _files(exercise):
        source = (exercise.reference / path).read_text(encoding="utf-8")
        twin = exercise.starter / path
        given = twin.read_text(encoding="utf-8") if twin.is_file() else ""
        if path.endswith(".py"):  # each library is imported where it is needed: they take half a second
            from prodev.authoring.mutate_python import mutants_of_python

            mutants += _of_new_lines(mutants_of_python(path, source), given, source)
        elif path.endswith(".sql"):
            from prodev.authoring.mutate_sql import mutants_of_sql

            found, said = mutants_of_sql(path, source, given=given)
            mutants, remarks = mutants + found, remarks + said
        elif path.endswith((".sh", ".bash")) or source.startswith("#!"):
            from prodev.authoring.mutate_shell import mutants_of_shell

            mutants += _of_new_lines(mutants_of_shell(path, source), given, source)
        else:
            remarks.append(f"{path}: nothing here mutates such a file.")
    return list(with_keys(mutants)), remarks


def explanations(exercise: Exercise) -> dict[str, str]:
    """The survivors that ``mutants.toml`` explains, by key."""
    path = exercise.solution / "mutants.toml"
    return read_toml(path, dict[str, str]) if path.is_file() else {}


def _files(exercise: Exercise) -> list[str]:
    return exercise.edited_files(exercise.reference)


def _of_new_lines(mutants: Iterator[Mutant], given: str, source: str) -> Iterator[Mutant]:
    """Leave out what changes only lines that the starter already has: no learner writes them."""
    blocks = difflib.SequenceMatcher(
        None, given.splitlines(), source.splitlines(), autojunk=False
    ).get_matching_blocks()
    old = {line for _, start, size in blocks for line in range(start, start + size)}
    for mutant in mutants:
        after = mutant.after.splitlines()
        changes = difflib.SequenceMatcher(None, source.splitlines(), after, autojunk=False).get_opcodes()
        changed = {line for tag, start, end, _, _ in changes if tag != "equal" for line in range(start, end)}
        if not changed or not changed <= old:
            yield mutant


def _sample(mutants: Sequence[Mutant], wanted: dict[str, str], most: int, *, seed: str) -> list[Mutant]:
    """At most ``most`` of them in their order, among them all that are explained."""
    others = [mutant.key for mutant in mutants if mutant.key not in wanted]
    room = max(0, most - (len(mutants) - len(others)))
    kept = set(random.Random(seed).sample(others, min(room, len(others)))) | set(wanted)
    return [mutant for mutant in mutants if mutant.key in kept]


def _passes(exercise: Exercise, grader: Grader, path: str, text: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="prodev-mutant-") as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        report = grader.grade(*layers_of(exercise, Path(folder)), seed=FIRST_SEED, until_failure=True)
    if report.outcome == "ungraded":
        raise Unavailable(f"A mutant could not be graded: {report.problem or report.tasks[0].first_message}")
    return report.outcome == "passed"

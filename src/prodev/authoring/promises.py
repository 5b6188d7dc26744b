"""The promises that every exercise keeps, in the order of the house's own sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from prodev.authoring import links, mutants, on_paper, on_trial, signatures, skips
from prodev.authoring.evidence import Breach, Evidence


class Promise(NamedTuple):
    """``keep`` yields a Breach for each way in which it is broken; ``grades`` and ``mutates`` say what that takes."""

    name: str
    keep: Callable[[Evidence], Iterable[Breach]]
    grades: bool = False
    mutates: bool = False


PROMISES = (
    Promise("the tasks in exercise.toml are those marked in the suite", on_paper.tasks_are_marked),
    Promise("the suite skips no test and expects none to fail", skips.every_test_decides),
    Promise("nothing of the scaffold is left", on_paper.scaffold_is_replaced),
    Promise("every task is worth points, unless it is given", on_paper.tasks_are_worth_points),
    Promise("the starter names the spot with TODO", on_paper.starter_carries_todo),
    Promise("the brief has its sections and fits a screen", on_paper.brief_fits_a_screen),
    Promise("there are three misconceptions, one accepted variant and why.md", on_paper.bank_is_large_enough),
    Promise("misconceptions.toml describes the folders", on_paper.bank_agrees_with_its_table),
    Promise("a variant holds only files that differ from the reference", on_paper.variants_hold_what_differs),
    Promise("starter and reference agree on public names and signatures", signatures.names_agree),
    Promise("no stray file", on_paper.nothing_is_stray),
    Promise("links resolve", links.links_resolve),
    Promise("slugs, order, requires, lesson, services and tools resolve", links.names_resolve),
    Promise("the starter imports cleanly", on_trial.starter_imports, grades=True),
    Promise("the starter passes exactly the given tasks", on_trial.starter_passes_what_is_given, grades=True),
    Promise("the reference is perfect", on_trial.reference_is_perfect, grades=True),
    Promise("every accepted variant is perfect", on_trial.accepted_are_perfect, grades=True),
    Promise(
        "every misconception fails exactly the tasks it names", on_trial.misconceptions_fail_what_they_name, grades=True
    ),
    Promise("every misconception is answered with its phrase", on_trial.misconceptions_are_told, grades=True),
    Promise("every task is failed by some misconception", on_trial.every_task_is_failed, grades=True),
    Promise("every message teaches in four parts", on_trial.messages_teach, grades=True),
    Promise("every lesson that a message names exists", links.spoken_lessons_exist, grades=True),
    Promise("the report is the same twice, in another order", on_trial.reports_repeat, grades=True),
    Promise("the suite ends inside its time", on_trial.ends_in_time, grades=True),
    Promise("the mutants of the reference die", mutants.mutants_die, grades=True, mutates=True),
)

"""The maintainer's side: scaffolds, the promises that every exercise keeps, the mutants that must die."""

from prodev.authoring.check import Verdict, check_course, check_exercise, check_module, every_exercise
from prodev.authoring.evidence import Breach
from prodev.authoring.mutants import Hunt, hunt_in
from prodev.authoring.promises import PROMISES, Promise
from prodev.authoring.scaffold import Scaffold, new_exercise, new_lesson, new_module

__all__ = [
    "PROMISES",
    "Breach",
    "Hunt",
    "Promise",
    "Scaffold",
    "Verdict",
    "check_course",
    "check_exercise",
    "check_module",
    "every_exercise",
    "hunt_in",
    "new_exercise",
    "new_lesson",
    "new_module",
]

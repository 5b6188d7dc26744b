"""The maintainer's side: scaffolds, the promises that every exercise keeps, the mutants that must die."""

from prodev.authoring.check import Verdict, check_course, check_exercise, check_module, every_exercise
from prodev.authoring.evidence import Breach
from prodev.authoring.mutants import Hunt, hunt_in
from prodev.authoring.promises import PROMISES, Promise

__all__ = [
    "PROMISES",
    "Breach",
    "Hunt",
    "Promise",
    "Verdict",
    "check_course",
    "check_exercise",
    "check_module",
    "every_exercise",
    "hunt_in",
]

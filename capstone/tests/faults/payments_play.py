"""Schedules played, each drawn anew, and what they have met."""

from __future__ import annotations

import gc
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.payments_machine import Cast, Lives


class DrawnAnew(HypothesisProvider):
    """Hypothesis's own generator, without its habit of repeating parts of one schedule in the five that follow it."""


AVAILABLE_PROVIDERS["drawn anew"] = f"{__name__}.{DrawnAnew.__name__}"


def play(shop, schedules: int, *, number: int = 0, shrink: bool = True) -> Counter[str]:
    """Play so many schedules, the same ones for the same number, and count what they met.

    Raises what the first that fails fails with, made short.
    """
    how = settings(
        backend="drawn anew",
        max_examples=schedules,
        stateful_step_count=16,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    met: Counter[str] = Counter()
    gc.freeze()  # what is loaded stays, and need not be looked through again and again
    run_state_machine_as_test(
        seed(number)(type("Lives", (Lives,), {"fake": shop, "cast": Cast(), "tally": met})), settings=how
    )
    assert met["schedules"] >= schedules
    return met

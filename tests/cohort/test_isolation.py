"""How much must stand around a candidate where a mentor demands it."""

from __future__ import annotations

import pytest

from prodev.cohort import isolation as walls
from prodev.cohort.isolation import level_of, require_walls
from prodev.errors import ProDevError


@pytest.mark.parametrize(("said", "level"), [("L3: namespaces", 3), ("L1", 1), ("", 0), ("none", 0), ("XL9", 0)])
def test_the_level_is_read_from_what_a_report_says(said: str, level: int) -> None:
    assert level_of(said) == level


@pytest.mark.parametrize(
    ("in_force", "held", "said"),
    [
        ("L2: Landlock", {"UDP": True}, "this machine offers L2: Landlock, and L3 is required"),
        ("L3: namespaces", {"UDP": False, "TCP": True}, "These did not hold: UDP."),
        ("", {}, "this machine offers no walls"),
    ],
)
def test_a_machine_without_walls_is_refused_where_they_are_required(
    monkeypatch: pytest.MonkeyPatch, in_force: str, held: dict[str, bool], said: str
) -> None:
    monkeypatch.setattr(walls, "try_walls", lambda: (in_force, held))

    with pytest.raises(ProDevError, match="--isolation required") as refused:
        require_walls()

    assert said in str(refused.value)


def test_a_machine_whose_walls_all_hold_is_good_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "try_walls", lambda: ("L3: namespaces", {"UDP": True}))

    assert require_walls() == "L3: namespaces"

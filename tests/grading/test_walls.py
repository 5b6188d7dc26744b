"""Every wall is tried from where a candidate stands, and holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from prodev.grading import walls
from prodev.grading.breakout import try_walls

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are those of Linux")


def test_every_wall_holds() -> None:
    in_force, held = try_walls()

    if not in_force.startswith("L3"):
        pytest.skip(f"this kernel gives {in_force}")
    assert [name for name, holds in held.items() if not holds] == []
    assert len(held) >= 14


@pytest.mark.parametrize("mapped", [("--map-user=1000", "--map-group=1000"), ("--map-root-user",)], ids=" ".join)
def test_without_root_they_hold_as_well(mapped: tuple[str, ...]) -> None:
    """As somebody ordinary, and as the root of a user namespace that holds nobody else (containers without root)."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("the test above was without root")
    code = "from prodev.grading.breakout import try_walls; import json; print(json.dumps(try_walls()))"
    done = subprocess.run(
        ["unshare", "--user", *mapped, sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"user namespaces are not to be had here: {done.stderr.strip()[-200:]}")

    assert '"L3' in done.stdout
    broken = [part for part in done.stdout.split(", ") if part.endswith(("false", "false}]\n"))]
    # Seen from the machine this is still root, who may have as many processes as it likes.
    assert [part for part in broken if "many processes" not in part] == []


def test_without_namespaces_what_else_the_user_runs_leaves_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(walls, "_can_be_enclosed", lambda *_, **__: False)
    others = [subprocess.Popen(["sleep", "30"]) for _ in range(5)]

    enclosure = walls.enclose(tmp_path, [])

    for other in others:
        other.kill()
        other.wait()
    assert enclosure is not None
    assert enclosure.in_force.startswith(("L2", "L1"))
    assert enclosure.processes is not None
    assert enclosure.processes >= walls.PROCESSES + len(others)

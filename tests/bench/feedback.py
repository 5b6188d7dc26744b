"""How long a learner waits for a verdict, beside plain pytest on the same suite, in one run.

    python tests/bench/feedback.py [--rounds 20] [--check] [SLUG…]

Each round takes, in turn, plain ``pytest`` in the exercise's folder (plugins that other packages bring
are off, to its favour), a save under a warm ``prodev watch`` until its line with the verdict, and a
cold ``prodev run``. Printed are the medians and their ratios to plain pytest; ``--check`` exits with 1
when a ratio is over its bound.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prodev.course import Course, Exercise

WATCHED = {"stream-bookings": 0.30, "kill-the-n-plus-one": 0.30, "left-means-keep": 0.35}
"""The most that a warm watch may take, as a share of plain pytest."""
COLD = 1.3
PRODEV = str(Path(sys.executable).with_name("prodev"))


def main() -> int:
    options = _options()
    course = Course.here()
    over = False
    print(f"{'exercise':24}{'pytest':>10}{'watch':>10}{'ratio':>8}{'run':>10}{'ratio':>8}")
    with tempfile.TemporaryDirectory(prefix="prodev-bench-") as folder:
        workspace = Path(folder) / "workspace"
        os.environ["XDG_STATE_HOME"] = folder  # the learner's own workspace stays the remembered one
        _quietly(PRODEV, "init", str(workspace), cwd=Path(folder))
        for slug in options.slugs or WATCHED:
            exercise = course.exercise(slug)
            plain, watched, cold = _measure(exercise, workspace, rounds=options.rounds)
            bound = WATCHED.get(slug, 0.35)
            over |= watched / plain > bound or cold / plain > COLD
            print(
                f"{slug:24}{plain * 1000:8.0f}ms{watched * 1000:8.0f}ms{watched / plain:8.2f}"
                f"{cold * 1000:8.0f}ms{cold / plain:8.2f}",
                flush=True,
            )
    return int(over and options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slugs", nargs="*")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def _measure(exercise: Exercise, workspace: Path, *, rounds: int) -> tuple[float, float, float]:
    folder = workspace / exercise.module / exercise.slug
    _quietly(PRODEV, "start", exercise.slug, cwd=workspace)
    for path in exercise.edited_files(exercise.reference):
        shutil.copy(exercise.reference / path, folder / path)
    edited = folder / exercise.edited_files(folder)[0]
    bare = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with _watching(exercise, workspace) as verdict_of_a_save:
        rivals = (
            lambda: _quietly(sys.executable, "-m", "pytest", "-q", cwd=folder, env=bare),
            lambda: verdict_of_a_save(edited),
            lambda: _quietly(PRODEV, "run", exercise.slug, cwd=workspace),
        )
        for rival in rivals:
            rival()
        times = [[_seconds(rival) for rival in rivals] for _ in range(rounds)]
    plain, watched, cold = (statistics.median(column) for column in zip(*times, strict=True))
    return plain, watched, cold


@contextmanager
def _watching(exercise: Exercise, workspace: Path) -> Iterator[Callable[[Path], None]]:
    process = subprocess.Popen(
        [PRODEV, "watch", exercise.slug], cwd=workspace, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = process.stdout

    def verdict() -> None:
        while "points" not in (line := lines.readline()):
            assert line, "watch ended"
        assert line.rstrip().endswith("passed"), line

    def verdict_of_a_save(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.removesuffix("\n") if text.endswith("\n\n") else text + "\n", encoding="utf-8")
        verdict()

    try:
        verdict()
        yield verdict_of_a_save
    finally:
        process.terminate()
        process.wait()
        lines.close()


def _seconds(rival: Callable[[], None]) -> float:
    time.sleep(0.3)  # a learner pauses between two saves; a spare database is made meanwhile
    began = time.perf_counter()
    rival()
    return time.perf_counter() - began


def _quietly(*command: str, cwd: Path, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | (env or {}), capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"


if __name__ == "__main__":
    sys.exit(main())

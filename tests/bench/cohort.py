"""How many submissions a machine grades in an hour, beside plain pytest run two at a time, in one run.

    python tests/bench/cohort.py [--submissions 100] [--plain 20] [--python VENV/bin/python] [--check] [SLUG…]
    python tests/bench/cohort.py --growth 125 500 2000

Submissions are the reference with another comment each, so that none is known from another. They are
graded behind the walls, two at a time, from nothing (the graders' start is in the time). Plain ``pytest``
(plugins that other packages bring are off, to its favour) runs the same suite in as many workspaces, two
at a time; its time for a submission is a mean over ``--plain`` of them. ``otter run`` grades a few of
read-the-traceback, two at a time, by a suite of the same cases, where ``--python`` is the interpreter of an
environment with otter-grader[grading] (see rivals.py). ``--check`` exits with 1 when a ratio is under its bound.
``--growth`` grades cohorts of several sizes and prints the time and the memory (the largest resident set of the
process that grades) for each.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prodev.cohort.candidates import Candidate, layered
from prodev.cohort.engine import Job
from prodev.cohort.local import LocalEngine
from prodev.course import Course, Exercise

RIVALS = Path(__file__).with_name("rivals")

GRADED = {"read-the-traceback": 10.0, "stream-bookings": 10.0, "kill-the-n-plus-one": 8.0}
"""The least that grading must be faster than plain pytest, by exercise.

The Django cohort is ``kill-the-n-plus-one``: the one exercise of the course that is a web application with an ORM.
"""
SLOTS = 2
BY_OTTER, OTTER_TIMES, OTTER_TRIES = "read-the-traceback", 60.0, 3


def main() -> int:
    options = _options()
    course = Course.here()
    if options.growth:
        return _growth(course.exercise((options.slugs or ["read-the-traceback"])[0]), options.growth)
    under = False
    print(f"{'exercise':24}{'submissions':>12}{'pytest':>12}{'prodev':>12}{'times':>8}")
    for slug in options.slugs or GRADED:
        exercise = course.exercise(slug)
        plain = _seconds_of_pytest(exercise, options.plain)
        graded = _seconds_of_grading(exercise, options.submissions) / options.submissions
        under |= plain / graded < GRADED.get(slug, 1.0)
        print(
            f"{slug:24}{options.submissions:12}{plain * 1000:10.0f}ms{graded * 1000:10.0f}ms{plain / graded:8.1f}",
            flush=True,
        )
        if slug == BY_OTTER:
            under |= _beside_otter(exercise, options.python, graded) < OTTER_TIMES
    return int(under and options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slugs", nargs="*")
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--plain", type=int, default=20)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--growth", type=int, nargs="+")
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def _growth(exercise: Exercise, sizes: Sequence[int]) -> int:
    print(f"{'submissions':>12}{'seconds':>10}{'ms each':>10}{'peak MB':>10}")
    for size in sizes:
        seconds = _seconds_of_grading(exercise, size)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{size:12}{seconds:10.1f}{seconds / size * 1000:10.1f}{peak:10.0f}", flush=True)
    return 0


def _seconds_of_grading(exercise: Exercise, submissions: int) -> float:
    reference = layered(exercise, [exercise.starter, exercise.reference])
    name = next(path for path in reference.files if path.endswith((".py", ".sql", ".sh")))
    comment = b"-- " if name.endswith(".sql") else b"# "

    def candidate_of(learner: str) -> Candidate:
        signed = reference.files[name] + b"\n" + comment + learner.encode() + b"\n"
        return Candidate(reference.files | {name: signed})

    jobs = [Job(exercise.slug, str(number), f"learner {number}", seed=number) for number in range(submissions)]
    began = time.perf_counter()
    for graded in LocalEngine({exercise.slug: exercise}, slots=SLOTS)(jobs, candidate_of):
        assert graded.report.outcome == "passed", graded.report
    return time.perf_counter() - began


def _seconds_of_pytest(exercise: Exercise, submissions: int) -> float:
    with tempfile.TemporaryDirectory(prefix="prodev-bench-") as scratch:
        workspace = Path(scratch) / "workspace"
        environ = {**os.environ, "XDG_STATE_HOME": scratch, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        prodev = str(Path(sys.executable).with_name("prodev"))
        for command in ([prodev, "init", str(workspace)], [prodev, "start", exercise.slug]):
            cwd = workspace if workspace.is_dir() else scratch
            subprocess.run(command, cwd=cwd, env=environ, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        folder = workspace / exercise.module / exercise.slug
        for path in exercise.edited_files(exercise.reference):
            shutil.copy(exercise.reference / path, folder / path)

        def run(_: int) -> None:
            command = [sys.executable, "-m", "pytest", "-q"]
            done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr

        run(0)
        began = time.perf_counter()
        with ThreadPoolExecutor(SLOTS) as slots:
            list(slots.map(run, range(submissions)))
        return (time.perf_counter() - began) / submissions


def _beside_otter(exercise: Exercise, python: Path | None, graded: float) -> float:
    """Print what ``otter run`` takes, and return how many times ``graded`` that is; endless where there is none."""
    from rivals import generate, versions_of

    version = versions_of(python).get("otter-grader")
    if python is None or version is None:
        print(f"{'  by otter run':24}not installed: name an environment that has it with --python", flush=True)
        return math.inf
    with tempfile.TemporaryDirectory(prefix="prodev-bench-") as scratch:
        generate(python.absolute(), RIVALS / "suites/otter-traceback", Path(scratch) / "suite")
        otter = _seconds_of_otter(exercise, python.absolute(), Path(scratch))
    print(
        f"{f'  by otter run {version}':24}{OTTER_TRIES:12}{otter * 1000:10.0f}ms{'':12}{otter / graded:8.1f}",
        flush=True,
    )
    return otter / graded


def _seconds_of_otter(exercise: Exercise, python: Path, scratch: Path) -> float:
    """Two files are one script for otter-grader, which takes one."""
    texts = [(exercise.reference / name).read_text(encoding="utf-8") for name in exercise.edit]
    script = "".join(texts).replace("from guests import email_of, load_guests\n", "")

    def run(number: int) -> None:
        folder = scratch / str(number)
        (folder / "out").mkdir(parents=True)
        (folder / "answer.py").write_text(script, encoding="utf-8")
        command = [str(python.with_name("otter")), "run", "--no-logo", "--autograder"]
        command += [str(scratch / "suite/autograder.zip"), "--output-dir", str(folder / "out"), "answer.py"]
        environ = {**os.environ, "HOME": str(folder), "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        tests = json.loads((folder / "out/results.json").read_text(encoding="utf-8"))["tests"]
        assert sum(test["score"] for test in tests if test["name"] in ("everyone", "unknown")) == 2, tests

    began = time.perf_counter()
    with ThreadPoolExecutor(SLOTS) as slots:
        list(slots.map(run, range(OTTER_TRIES)))
    return (time.perf_counter() - began) / OTTER_TRIES


if __name__ == "__main__":
    sys.exit(main())

"""One trial, run inside its room (room.sh): a grader on a submission, what it gives, and what is left afterwards.

    python trial.py WATCH RIVAL PYTHON SECONDS

``WATCH`` is the folder that holds attack_watch.py. The submission lies in /tmp/work, the rival's suite in
/tmp/suite. Prints JSON: ``points`` by the way that the result is read, ``stopped`` (after so many seconds),
``harms`` (see ``attack_watch.Watch``; ``grader`` where whoever started the grader is dead), ``seconds`` and, of
ProDev, ``isolation``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

WORK, SUITE, OUT = Path("/tmp/work"), Path("/tmp/suite"), Path("/tmp/out")
TASKS = {"half-open": (2, 3), "refuses": (1, 2)}
"""The points of a task, and how many cases it has: all of them have to pass."""
PYTEST = "pytest --junitxml=/tmp/out/junit.xml test_nights.py"
COMMANDS = {
    "pytest": PYTEST,
    "pytest-timeout": f"{PYTEST} --timeout=2",
    "check50": "check50 --dev --output json --output-file /tmp/out/results.json /tmp/suite",
    "otter": "otter run --no-logo --autograder /tmp/suite/autograder.zip --output-dir /tmp/out nights.py",
    "prodev": "prodev grade /tmp/work --exercise count-nights --jobs 1 --out /tmp/out",
}


def main() -> int:
    watch, rival, python, limit = sys.argv[1:]
    sys.path.insert(0, watch)
    from attack_watch import TOKEN, TOY, Watch

    OUT.mkdir()
    lay_out(rival)
    bin_folder = str(Path(python).parent)
    environ = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", TOKEN: "ours", "PRODEV_COURSE": str(TOY)}
    with Watch() as watched:
        status, seconds = run(COMMANDS[rival], environ, float(limit))
        time.sleep(0.2)
        harms = watched.harms()
    if status is not None and status < 0:
        harms.add("grader")
    found = {"stopped": status is None, "seconds": seconds, "harms": sorted(harms)}
    print(json.dumps(found | {"points": points(rival, status), "isolation": isolation(rival)}))
    return 0


def lay_out(rival: str) -> None:
    """Put the suite where the rival looks for it, over what the submission may have put there."""
    if rival.startswith("pytest"):
        shutil.copy(SUITE / "test_nights.py", WORK / "test_nights.py")
    if rival == "prodev":
        submission = Path("/tmp/submission")
        WORK.rename(submission)
        (WORK / "learner/00-stays").mkdir(parents=True)
        submission.rename(WORK / "learner/00-stays/count-nights")


def run(command: str, environ: dict[str, str], limit: float) -> tuple[int | None, float]:
    """Start the grader as a mentor's shell does; its status (None: stopped at the limit) and seconds.

    The shell stays for as long as the grader runs, so that an attack on its parent finds somebody.
    """
    began = time.perf_counter()
    with Path("/tmp/printed").open("wb") as printed:
        shell = subprocess.Popen(
            ["sh", "-c", f"{command}; exit $?"],
            cwd=WORK,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            start_new_session=True,
        )
        try:
            status: int | None = shell.wait(limit)
        except subprocess.TimeoutExpired:
            status = None
            os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
    return status, time.perf_counter() - began


def points(rival: str, status: int | None) -> dict[str, float]:
    """What the grader gives, by each way to read it; no report, or none that can be read, is no points."""
    readers = {"check50": of_check50, "otter": of_otter, "prodev": of_prodev}
    read = readers.get(rival, of_junit)
    try:
        reported = read()
    except (OSError, ValueError, ElementTree.ParseError, KeyError, TypeError, AttributeError):
        reported = 0.0
    found = {"report": reported}
    if rival == "pytest":
        found["exit code"] = 3.0 if status == 0 else 0.0
    return found


def of_junit() -> float:
    cases = ElementTree.parse(OUT / "junit.xml").iter("testcase")
    outcomes = [
        (case.get("name", ""), not {"failure", "error", "skipped"} & {part.tag for part in case}) for case in cases
    ]
    return whole_tasks({"half-open": "test_counts", "refuses": "test_refuses"}, outcomes)


def of_check50() -> float:
    results = json.loads((OUT / "results.json").read_text())["results"]
    outcomes = [(check["name"], check["passed"] is True) for check in results]
    return whole_tasks({"half-open": "counts_", "refuses": "refuses_"}, outcomes)


def whole_tasks(prefixes: dict[str, str], outcomes: Iterable[tuple[str, bool]]) -> float:
    """The points of those tasks of which every case is there and has passed."""
    outcomes, earned = list(outcomes), 0.0
    for task, prefix in prefixes.items():
        worth, cases = TASKS[task]
        passed = [has_passed for name, has_passed in outcomes if name.startswith(prefix)]
        earned += worth if len(passed) == cases and all(passed) else 0
    return earned


def of_otter() -> float:
    tests = json.loads((OUT / "results.json").read_text())["tests"]
    return sum(float(test["score"]) for test in tests if test["name"] in TASKS)


def of_prodev() -> float:
    results = json.loads((OUT / "results.json").read_text())["results"]
    return sum(float(result["report"]["earned"]) for result in results)


def isolation(rival: str) -> str:
    if rival != "prodev" or not (OUT / "results.json").exists():
        return ""
    return str(json.loads((OUT / "results.json").read_text())["isolation"])


if __name__ == "__main__":
    sys.exit(main())

"""The attacks of tests/attacks against ProDev and against other graders, side by side, in one run.

    python tests/bench/rivals.py [--python VENV/bin/python] [--only RIVAL…] [--attacks NAME…] [--sample N] [--markdown]

``--python`` is the interpreter of an environment with pytest, pytest-timeout, check50 and otter-grader[grading];
what it lacks is named and left out, and nothing is installed. The attacks are those on the toy course's
count-nights, three points in all, and each rival has a suite of the same cases in bench/rivals/suites/. Each trial
is a process in namespaces of its own, as a user without rights, with its own home and scratch folder, stopped after
20 s (or four times what the right answer takes, where that is more). Two trials run at a time; the right answer is
timed alone. A rival that does not give the right answer full marks and the starter none there is not counted.
otter-grader takes its time: ``--sample`` gives it so many of the attacks, evenly spread, and the table says so.
``--markdown`` prints docs/mentor/rivals.md after the table. Needs Linux with namespaces.

Exits with 1 when ProDev gives undeserved points, or takes some from a right answer, or is harmed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
GRADING = REPOSITORY / "tests/grading"
sys.path[:0] = [str(GRADING), str(HERE / "rivals")]

from attack_watch import TOY  # noqa: E402
from comparison import Comparison, Row, Trial, markdown, table  # noqa: E402
from test_attacks import ATTACKS, TOY_SLUG, laid_out  # noqa: E402

FULL_MARKS = 3.0
STOP_AFTER_S = 20
GIVE_UP_AFTER_S = 180
SLOTS = 2
ROUNDS = 5
PACKAGES = {"pytest": "pytest", "pytest-timeout": "pytest-timeout", "check50": "check50", "otter": "otter-grader"}


@dataclass
class Rival:
    """A grader, and how its results can be read: a row of the table for each."""

    name: str
    title: str
    python: Path
    readings: dict[str, str] = field(default_factory=lambda: {"report": ""})
    suite: Path | None = None
    stop_after_s: float = STOP_AFTER_S


def main() -> int:
    options = _options()
    names = [name for name, attack in ATTACKS.items() if attack.get("exercise", TOY_SLUG) == TOY_SLUG]
    names = [name for name in names if name in (options.attacks or names)]
    with tempfile.TemporaryDirectory(prefix="prodev-rivals-") as scratch:
        versions = versions_of(options.python)
        rivals, missing = _rivals(options.python, versions, options.only, Path(scratch))
        rows: list[Row] = []
        for rival in rivals:
            tried = _sample(names, options.sample) if rival.name == "otter" else names
            rows += _tried(rival, tried, Path(scratch), missing)
            print(f"{rival.title}: {len(tried)} of {len(names)} submissions tried", file=sys.stderr, flush=True)
    comparison = Comparison(rows, missing, versions, {name: ATTACKS[name] for name in names}, len(ATTACKS))
    print(table(comparison))
    if options.markdown:
        print(markdown(comparison))
    ours = [row for row in rows if row.rival == "prodev"]
    return int(any(row.undeserved(ATTACKS) or row.lost(ATTACKS) or row.harmed for row in ours))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--only", nargs="+", choices=[*PACKAGES, "prodev"], default=[])
    parser.add_argument("--attacks", nargs="+", choices=sorted(ATTACKS), metavar="NAME")
    parser.add_argument("--sample", type=int, metavar="N", default=0, help="so many attacks for otter-grader")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def versions_of(python: Path | None) -> dict[str, str]:
    """The version of each rival that the interpreter can import, by package."""
    if python is None:
        return {}
    ask = (
        "import importlib.metadata as m, json, sys\n"
        "print(json.dumps({d.name: d.version for d in m.distributions() if d.name in sys.argv[1:]}))"
    )
    done = subprocess.run([python, "-c", ask, *PACKAGES.values()], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _sample(names: list[str], size: int) -> list[str]:
    return [names[place * len(names) // size] for place in range(size)] if 0 < size < len(names) else names


def _rivals(
    python: Path | None, versions: dict[str, str], only: Sequence[str], scratch: Path
) -> tuple[list[Rival], list[str]]:
    """Those that can be run, and a sentence for each of the others."""
    here = Path(sys.executable)
    python = python.absolute() if python else here
    suites = HERE / "rivals/suites"
    readings = {"report": ", by its JUnit file", "exit code": ", by its exit code"}
    known = [
        Rival("prodev", "ProDev", here),
        Rival("pytest", "pytest", python, readings, suites / "pytest"),
        Rival("pytest-timeout", "pytest with pytest-timeout", python, suite=suites / "pytest"),
        Rival("check50", "check50", python, suite=suites / "check50"),
        Rival("otter", "otter-grader", python, suite=scratch / "otter"),
    ]
    known = [rival for rival in known if not only or rival.name in only]
    missing = [
        f"{rival.title} could not be run: the environment of --python has no {PACKAGES[rival.name]}."
        for rival in known
        if rival.name != "prodev" and PACKAGES[rival.name] not in versions
    ]
    rivals = [rival for rival in known if rival.name == "prodev" or PACKAGES[rival.name] in versions]
    if any(rival.name == "otter" for rival in rivals):
        generate(python, HERE / "rivals/suites/otter", scratch / "otter")
    return rivals, missing


def generate(python: Path, tests: Path, suite: Path) -> None:
    """Make otter-grader's ``autograder.zip`` out of ``tests``, in the new folder ``suite``."""
    suite.mkdir()
    command = [str(python.with_name("otter")), "generate", "-t", str(tests), "--no-config"]
    environ = {**os.environ, "HOME": str(suite)}
    subprocess.run(
        [*command, "-o", str(suite / "autograder.zip")], cwd=suite, env=environ, check=True, capture_output=True
    )


def _tried(rival: Rival, names: Sequence[str], scratch: Path, missing: list[str]) -> list[Row]:
    """Run a rival on the right answer, the starter and all attacks; no row where the first two come out wrong."""
    exercise = next(TOY.glob(f"exercises/*/{TOY_SLUG}"))
    reference = next(TOY.glob(f"solutions/*/{TOY_SLUG}/reference"))
    honest = [_trial(rival, reference, scratch) for _ in range(ROUNDS)]
    empty = _trial(rival, exercise / "starter", scratch)
    rows = [Row(rival.name, rival.title + title, reading) for reading, title in rival.readings.items()]
    rows = [row for row in rows if _is_fair(row, honest, empty, missing)]
    rival.stop_after_s = max(STOP_AFTER_S, 4 * statistics.median(trial.seconds for trial in honest))
    if rows:
        with ThreadPoolExecutor(SLOTS) as slots:
            trials = dict(zip(names, slots.map(lambda name: _trial(rival, name, scratch), names), strict=True))
    for row in rows:
        row.seconds = statistics.median(trial.seconds for trial in honest)
        row.isolation = honest[0].isolation
        row.trials = trials
    return rows


def _is_fair(row: Row, honest: Iterable[Trial], empty: Trial, missing: list[str]) -> bool:
    right = [trial.points.get(row.reading) for trial in honest]
    if set(right) == {FULL_MARKS} and empty.points.get(row.reading) == 0:
        return True
    missing.append(
        f"{row.title} is not counted: it gave the right answer {right} of {FULL_MARKS:.0f} points and the starter"
        f" {empty.points.get(row.reading)}. {empty.problem}"
    )
    return False


def _trial(rival: Rival, submission: str | Path, scratch: Path) -> Trial:
    """Grade a submission in a new room; once more where the room failed or harm was done.

    Only harm done both times counts: on a shared machine somebody else may have killed the decoy.
    """
    first = _try(rival, submission, scratch)
    if first.problem:
        return _try(rival, submission, scratch)
    if first.harms:
        second = _try(rival, submission, scratch)
        return replace(first, harms=[harm for harm in first.harms if harm in second.harms])
    return first


def _try(rival: Rival, submission: str | Path, scratch: Path) -> Trial:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        _furnish(folder / "tmp", rival, submission)
        return _in_a_room(rival, folder)
    finally:
        shutil.rmtree(folder)


def _furnish(inside: Path, rival: Rival, submission: str | Path) -> None:
    """Put a submission and the rival's suite where they are found in the room."""
    inside.mkdir()
    if isinstance(submission, Path):
        shutil.copytree(submission, inside / "work")
    else:
        laid_out(submission, inside / "work")
    if rival.suite:
        shutil.copytree(rival.suite, inside / "suite")
    for path in (inside, *(path for path in inside.rglob("*") if path.is_dir() and not path.is_symlink())):
        path.chmod(0o755)


def _in_a_room(rival: Rival, folder: Path) -> Trial:
    prefixes = [Path(line) for python in {Path(sys.executable), rival.python} for line in _prefixes(python)]
    readable = [path for path in dict.fromkeys((REPOSITORY, *prefixes)) if not _lies_within(path, (REPOSITORY, "/usr"))]
    trial = [sys.executable, HERE / "rivals/trial.py", GRADING, rival.name, rival.python, str(rival.stop_after_s)]
    own = ["--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child"]
    mapped = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *mapped, *own, "sh", HERE / "rivals/room.sh", folder, REPOSITORY, *readable, "--", *trial]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=GIVE_UP_AFTER_S, stdin=subprocess.DEVNULL
        )
        return Trial(**json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return Trial(stopped=True, harms=["trial"], problem="The trial did not end.")
    except (ValueError, TypeError):
        return Trial(harms=["trial"], problem=done.stderr[-500:])


def _prefixes(python: Path) -> list[str]:
    ask = "import sys; print(sys.prefix); print(sys.base_prefix)"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.split("\n")[:2]


def _lies_within(path: Path, folders: Iterable[str | Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


if __name__ == "__main__":
    sys.exit(main())

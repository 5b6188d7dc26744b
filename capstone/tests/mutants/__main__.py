"""Do the tests mind? Small changes to staybook, each of which some test should fail.

    python -m tests.mutants staybook/booking staybook/payments [--least 85] [--contexts FILE] [--only TEXT]

The changes are those that the course makes to its exercises (``prodev.authoring``). Each meets the tests that run
the function it is in; one in what a module does when it is imported, those that run anything of its package.
Prints what survives, then the share that was killed of all that ``equivalent.toml`` does not explain. Ends with 1
below ``--least``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from prodev.authoring.mutant import Mutant, with_keys
from prodev.authoring.mutate_python import mutants_of_python

from staybook_dev import engines
from tests.mutants import covering

CAPSTONE = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("equivalent.toml")
"""By key, why nothing can tell a mutant from what stands there."""


def main() -> int:
    options = _options()
    engines.ensure_postgres("staybook")
    with tempfile.TemporaryDirectory(prefix="staybook-mutants-") as folder:
        contexts = options.contexts or Path(folder) / "contexts"
        if not contexts.exists():
            covering.record(contexts, options.folders)
        mutants = [each for each in _mutants(options.folders) if options.only in f"{each.file} {each.key}"]
        verdicts = hunt(mutants, covering.Tests(contexts), Path(folder), processes=options.processes)
    return judge(mutants, verdicts, options.least)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("folders", nargs="+", help="such as staybook/booking")
    parser.add_argument("--least", type=float, default=85, help="percent")
    parser.add_argument("--contexts", type=Path, help="which tests run what: read from there, or written")
    parser.add_argument("--only", default="", help="mutants with this in their file or key")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _mutants(folders: list[str]) -> list[Mutant]:
    """Every mutant of every module; migrations are history, and have run."""
    files = sorted(file for folder in folders for file in Path(folder).rglob("*.py") if "migrations" not in file.parts)
    found = (mutant for file in files for mutant in mutants_of_python(str(file), file.read_text(encoding="utf-8")))
    return list(with_keys(found))


def hunt(mutants: list[Mutant], tests: covering.Tests, folder: Path, *, processes: int) -> dict[str, dict[str, Any]]:
    """The verdict on each, by its key. Each process has a database, and every so-many-th mutant."""
    jobs = [
        {"key": each.key, "file": str(CAPSTONE / each.file), "after": each.after, "tests": tests.of(each)}
        for each in mutants
    ]
    running = []
    for number in range(processes):
        share = jobs[number::processes]
        work, to = folder / f"work-{number}.json", folder / f"verdicts-{number}"
        work.write_text(json.dumps({"jobs": share, "to": str(to)}), encoding="utf-8")
        to.touch()
        files = sorted({test.partition("::")[0] for job in share for test in (covering.TABLES, *job["tests"])})
        plugins = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "tests.mutants.hunt")
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/staybook_mutants_{number}")
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "pytest", "-n0", "--create-db", "--reuse-db", *plugins, *files],
                cwd=CAPSTONE,
                env=os.environ | {"HUNT": str(work), "DATABASE_URL": urlunsplit(url)},
            )
        )
    ends = [process.wait() for process in running]
    if any(ends):
        sys.exit("A hunt broke off, and says why above.")
    lines = [line for number in range(processes) for line in (folder / f"verdicts-{number}").read_text().splitlines()]
    return {verdict["key"]: verdict for verdict in map(json.loads, lines)}


def judge(mutants: list[Mutant], verdicts: dict[str, dict[str, Any]], least: float) -> int:
    """Print the survivors and the shares; 1 when too many survive, or an explanation is of one that does not."""
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    alive = [each for each in mutants if not verdicts[each.key]["killer"]]
    for mutant in alive:
        if mutant.key not in explained:
            print(f"\n{mutant.key} survives {verdicts[mutant.key]['tests']} tests\n{mutant.diff}")
    print()
    for folder in sorted({str(Path(*Path(mutant.file).parts[:2])) for mutant in mutants}):
        print(_told(folder, [each for each in mutants if each.file.startswith(folder)], alive, explained))
    counted = [each for each in mutants if each.key not in explained]
    share = 100 * sum(each not in alive for each in counted) / max(1, len(counted))
    stale = explained.keys() & {each.key for each in mutants} - {each.key for each in alive}
    for key in stale:
        print(f"{key} dies: equivalent.toml explains it in vain.")
    print(f"{share:.1f} % are killed, and {least:g} are to be.")
    return int(share < least or bool(stale))


def _told(folder: str, mutants: list[Mutant], alive: list[Mutant], explained: dict[str, str]) -> str:
    equivalent = sum(each.key in explained for each in mutants)
    survive = sum(each in alive and each.key not in explained for each in mutants)
    return f"{folder}: {len(mutants)} mutants, {equivalent} equivalent, {survive} survive"


if __name__ == "__main__":
    sys.exit(main())

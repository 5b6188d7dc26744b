"""Run every check of the repository, one after another, and say at the end which did not pass.

python tests/everything.py            all of them
python tests/everything.py lint types only these
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

CHECKS = {
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "types": ["mypy"],
    "tests": ["pytest"],
    "exercises": ["prodev", "dev", "check"],
    "notebooks": [
        "pytest",
        "--nbval",
        "--nbval-sanitize-with=tests/lessons/may-differ.cfg",
        "-p",
        "no:randomly",
        "--nbval-cell-timeout=60",
        "modules",
    ],
    "site": ["python", "-m", "prodev.site", "build"],
    "capstone types": ["mypy", "--config-file", "pyproject.toml"],
    "capstone imports": ["lint-imports"],
    "capstone tests": ["pytest"],
}


def main(names: list[str]) -> int:
    # A shell starts what it puts in the background deaf to Ctrl-C, and our tests press it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"There is no check {', '.join(unknown)}: choose from {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    failed = [name for name in names or CHECKS if not passes(name)]
    count = len(names or CHECKS)
    if failed:
        print(f"\nNot passed: {', '.join(failed)}.")
    print(f"\n{count - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def passes(name: str) -> bool:
    program, *arguments = CHECKS[name]
    print(f"\n== {name}: {program} {' '.join(arguments)}", flush=True)
    began = time.monotonic()
    where = ROOT / "capstone" if name.startswith("capstone") else ROOT
    done = subprocess.run([BIN / program, *arguments], cwd=where, check=False)
    print(
        f"== {name}: {'passed' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

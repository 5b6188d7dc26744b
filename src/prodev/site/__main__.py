"""``python -m prodev.site build|serve|stage``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from prodev.course import Course
from prodev.errors import ProDevError
from prodev.site.build import build, serve
from prodev.site.stage import stage

_HOME = Path(__file__).resolve().parents[3]


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m prodev.site", description="The reader's site.")
    parser.add_argument("action", choices=["build", "serve", "stage"])
    parser.add_argument("--port", type=int, default=8000, help="of serve (8000)")
    given = parser.parse_args(arguments)
    try:
        course = Course.here()
        if given.action == "serve":
            _say(f"Building. The site will stand at http://127.0.0.1:{given.port}/ until you press Ctrl-C.")
            serve(course, home=_HOME, port=given.port)
        elif given.action == "stage":
            _say(f"Staged in {stage(course, home=_HOME, into=_HOME / '.build' / 'site-src').folder}")
        else:
            _say(f"The site stands in {build(course, home=_HOME)}")
    except ProDevError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())

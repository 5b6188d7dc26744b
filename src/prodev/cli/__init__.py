"""The command line: arguments -> call -> show -> exit code."""

from __future__ import annotations


def main() -> None:
    """Run ``prodev`` and leave with 0 (passed or done), 1 (not passed), 2 (wrong usage, our error) or 3 (not graded)."""
    from prodev.cli.app import main as run

    run()

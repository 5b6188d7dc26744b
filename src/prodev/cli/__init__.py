"""The command line: arguments -> call -> show -> exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from prodev.errors import ProDevError


def main() -> None:
    """Run ``prodev`` and leave with 0 (passed or done), 1 (not passed), 2 (usage or our error) or 3 (not graded)."""
    if sys.platform == "win32":
        sys.exit(
            "ProDev works on Linux and macOS. On Windows, install WSL (wsl --install) and type this in its terminal."
        )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        _run(sys.argv[1:])
    except ProDevError as error:
        _fail(error)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(ProDevError(f"{error.filename or 'This machine'}: {error.strerror or error}."))


def _run(arguments: list[str]) -> NoReturn:
    match arguments:
        case ["run"] | ["run", _] if not arguments[-1].startswith("-"):
            # What is typed most does not wait for the library that reads everything else.
            from prodev.cli.answer import run_exercise

            code = run_exercise(*arguments[1:])
            gc.freeze()  # so that the interpreter ends without a last look at all that was imported
            sys.exit(code)
        case _:
            from prodev.cli.app import run_app

            run_app()


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave by the way that closes what was opened: graders end their processes."""
    sys.exit(128 + number)


def _fail(error: ProDevError) -> NoReturn:
    from prodev.show.console import show_problem
    from prodev.testbed.unavailable import Unavailable

    show_problem(error)
    sys.exit(3 if isinstance(error, Unavailable) else 2)

"""Every command and its arguments; what they do is in the modules beside this one, imported when needed."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from prodev.errors import ProDevError

app = typer.Typer(
    name="prodev",
    help="The ProDev backend engineering course: read, answer, run, go on.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Which = Annotated[str | None, typer.Argument(metavar="[EXERCISE]", help="Its name, or the beginning of it.")]


@app.callback(invoke_without_command=True)
def dashboard(context: typer.Context) -> None:
    """Show the modules, your progress, and what is next and why."""
    if context.invoked_subcommand is None:
        from prodev.cli.begin import show_dashboard

        _leave(show_dashboard())


@app.command()
def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where; by default 'workspace' in the clone.")
    ] = None,
    course: Annotated[
        str | None, typer.Option(metavar="OWNER/REPOSITORY", help="Whose workflow grades a push.")
    ] = None,
) -> None:
    """Make your workspace: a folder, and a git repository, of your own."""
    from prodev.cli.begin import init_workspace

    _leave(init_workspace(folder, upstream=course))


@app.command("list")
def list_(module: Annotated[str | None, typer.Argument(help="Only this module.")] = None) -> None:
    """List lessons and exercises, and where you stand with each."""
    from prodev.cli.begin import show_list

    _leave(show_list(module))


@app.command("next")
def next_() -> None:
    """Show what is next, and go there if you like."""
    from prodev.cli.begin import go_next

    _leave(go_next())


@app.command()
def start(exercise: Which = None) -> None:
    """Place an exercise in your workspace and show its brief; without a name, the next one."""
    from prodev.cli.begin import start_exercise

    _leave(start_exercise(exercise))


@app.command()
def run(
    exercise: Which = None,
    seed: Annotated[int | None, typer.Option(help="Repeat the inputs of an earlier run.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Grade your answer."""
    from prodev.cli.answer import run_exercise

    _leave(run_exercise(exercise, seed=seed, as_json=json))


def _leave(code: int) -> NoReturn:
    raise typer.Exit(code)


def main() -> None:
    """Run the application, and turn our errors into sentences and exit codes."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    _add_maintainers_commands()
    try:
        app()
    except ProDevError as error:
        _fail(error)
    except OSError as error:
        _fail(ProDevError(f"{error.strerror or error}: {error.filename or 'this machine'}."))


def _add_maintainers_commands() -> None:
    """Load ``prodev dev`` only where it is asked for, or listed."""
    if sys.argv[1:2] in (["dev"], ["-h"], ["--help"]):
        from prodev.cli.dev import app as dev

        app.add_typer(dev, name="dev")


def _end(number: int, _frame: object) -> NoReturn:
    """Leave by the way that closes what was opened: graders end their processes."""
    sys.exit(128 + number)


def _fail(error: ProDevError) -> NoReturn:
    from prodev.show.console import show_problem
    from prodev.testbed.unavailable import Unavailable

    show_problem(error)
    sys.exit(3 if isinstance(error, Unavailable) else 2)

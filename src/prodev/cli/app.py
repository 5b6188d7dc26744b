"""Every command and its arguments; what they do is in the modules beside this one, imported when needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

app = typer.Typer(
    name="prodev",
    help="The ProDev backend engineering course: read, answer, run, go on.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Isolation = Literal["auto", "required"]
Broker = Annotated[
    str,
    typer.Option(
        envvar="PRODEV_BROKER", metavar="URL", help="Redis or RabbitMQ; by default the Redis of this machine."
    ),
]
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
    """Start an exercise and show its brief; without a name, the next one."""
    from prodev.cli.begin import start_exercise

    _leave(start_exercise(exercise))


@app.command()
def run(
    exercise: Which = None,
    seed: Annotated[int | None, typer.Option(help="Repeat the inputs of an earlier run.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the report as Markdown.")] = False,
) -> None:
    """Grade your answer."""
    from prodev.cli.answer import run_exercise

    _leave(run_exercise(exercise, seed=seed, form="json" if json else "markdown" if markdown else "text"))


@app.command()
def watch(exercise: Which = None) -> None:
    """Grade at every save, on one screen; keys: n(ext) h(int) s(olution) b(rief) l(esson) q(uit)."""
    from prodev.cli.watch import watch_exercise

    _leave(watch_exercise(exercise))


@app.command()
def hint(exercise: Which = None) -> None:
    """Show one more hint for the task at hand."""
    from prodev.cli.assist import show_hint

    _leave(show_hint(exercise))


@app.command()
def solution(exercise: Which = None) -> None:
    """Show the solution and why it is so: after the pass, or when asked twice."""
    from prodev.cli.assist import show_solution

    _leave(show_solution(exercise))


@app.command()
def diff(
    exercise: Which = None,
    solution: Annotated[bool, typer.Option("--solution", help="Against the solution, after the pass.")] = False,
) -> None:
    """Show how your files differ from the starter."""
    from prodev.cli.assist import show_diff

    _leave(show_diff(exercise, solution=solution))


@app.command()
def reset(exercise: Which = None) -> None:
    """Begin an exercise again; what you had is moved aside, never deleted."""
    from prodev.cli.assist import reset_exercise

    _leave(reset_exercise(exercise))


@app.command()
def lesson(
    name: Annotated[str | None, typer.Argument(metavar="[LESSON]", help="Its name, or the beginning of it.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Take a new copy; yours is kept beside it.")] = False,
) -> None:
    """Open your own copy of a lesson in Jupyter."""
    from prodev.cli.reading import open_lesson

    _leave(open_lesson(name, fresh=fresh))


@app.command("open")
def open_(exercise: Which = None) -> None:
    """Open the file to edit in your editor, or print its path."""
    from prodev.cli.reading import open_editor

    _leave(open_editor(exercise))


@app.command()
def grade(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            help="Workspaces, or folders of them: as folders, zips or git repositories (REPOSITORY#COMMIT takes that"
            " commit); or a cohort.toml, which also knows names, deadlines and the late policy.",
        ),
    ] = None,
    exercise: Annotated[
        list[str] | None,
        typer.Option("-e", "--exercise", metavar="SLUG", help="Only this exercise; repeat it for more."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where the reports go, and what is known already.")
    ] = Path("graded"),
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, help="Answers graded side by side; by default the cores.")
    ] = None,
    isolation: Annotated[
        Literal["auto", "required", "docker"],
        typer.Option(
            help="'auto' takes what this machine offers; 'required' refuses to run with less than L3; 'docker' grades"
            " in containers without network."
        ),
    ] = "auto",
    engine: Annotated[
        Literal["local", "celery"],
        typer.Option(help="'celery' sends the work to every 'prodev worker' that serves the broker."),
    ] = "local",
    broker: Broker = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Grade again also what is known.")] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            metavar="RESULTS", help="Show what changed since the run that wrote this folder, or results.json."
        ),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="SUBMISSION", help="Grade nothing; show all that FOLDER keeps of this submission."),
    ] = None,
) -> None:
    """Grade a cohort: strangers' answers, side by side, behind walls, with reports to act on.

    What was graded is kept: run it again, after a stop or with new submissions, and only what is new is graded.

    Exit code: 0 when everything was graded, 3 when something could not be, 2 when the command cannot be carried out.
    """
    from prodev.cli.mentor import Wanted, explain_submission, grade_cohort

    if explain is not None:
        _leave(explain_submission(explain, out=out, exercises=exercise or ()))
    wanted = Wanted(
        out,
        tuple(exercise or ()),
        jobs=jobs,
        engine=engine,
        broker=broker,
        isolation=isolation,
        fresh=fresh,
        against=compare,
    )
    _leave(grade_cohort(paths or (), wanted))


@app.command()
def worker(
    broker: Broker = "",
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, help="Answers graded side by side; by default the cores.")
    ] = None,
    isolation: Annotated[
        Isolation, typer.Option(help="'required' refuses to serve with less than L3, as 'prodev grade' has it.")
    ] = "auto",
) -> None:
    """Grade what 'prodev grade --engine celery' sends, until stopped: on this machine and any number of others."""
    from prodev.cli.mentor import serve_broker

    _leave(serve_broker(broker, jobs=jobs, isolation=isolation))


@app.command()
def doctor() -> None:
    """Try what the course needs of this machine, and say how to mend what is missing."""
    from prodev.cli.doctor import examine_machine

    _leave(examine_machine())


def _leave(code: int) -> NoReturn:
    raise typer.Exit(code)


def run_app() -> NoReturn:
    """Read the arguments, run the command and leave with its exit code."""
    _add_maintainers_commands()
    app()
    raise AssertionError("a Typer application leaves by itself")


def _add_maintainers_commands() -> None:
    """Load ``prodev dev`` only where it is asked for, or listed."""
    if sys.argv[1:2] in (["dev"], ["-h"], ["--help"]):
        from prodev.cli.dev import app as dev

        app.add_typer(dev, name="dev")

"""``prodev dev``: what a maintainer types."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from prodev.course import Course
from prodev.errors import ProDevError

if TYPE_CHECKING:
    from prodev.authoring import Scaffold

app = typer.Typer(no_args_is_help=True)

new = typer.Typer(no_args_is_help=True, help="Make a module, an exercise or a lesson that works at once.")
app.add_typer(new, name="new")

Place = Annotated[str, typer.Argument(metavar="NN-MODULE/SLUG", help="Where it goes, and what it is called.")]


@app.callback()
def dev() -> None:
    """For maintainers: scaffold, check and mutate exercises."""
    missing = [name for name in ("cosmic_ray", "sqlglot", "tomlkit") if find_spec(name) is None]
    if missing:
        raise ProDevError(
            f"'prodev dev' needs the tools of maintainers, and this environment lacks {', '.join(missing)}.",
            remedy="Type: make test, which installs them.",
        )


@app.command()
def check(
    slugs: Annotated[list[str] | None, typer.Argument(help="Exercises by slug; all when none is named.")] = None,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Exercises checked side by side.")] = 2,
    mutants: Annotated[bool, typer.Option(help="Also demand that mutants of the reference die.")] = True,
) -> None:
    """Keep every promise of the exercises, and say in words what breaks and how to mend it."""
    from prodev.authoring import PROMISES, check_course

    course = Course.here()
    exercises = [course.exercise(slug) for slug in slugs] if slugs else None
    promises = [promise for promise in PROMISES if mutants or not promise.mutates]
    good = True
    for verdict in check_course(course, exercises, promises=promises, jobs=jobs):
        typer.echo("\n".join(verdict.lines()))
        good &= verdict.good
    raise typer.Exit(0 if good else 1)


@app.command()
def mutants(
    slug: Annotated[str, typer.Argument(help="An exercise, by slug.")],
    most: Annotated[int, typer.Option(min=1, help="Grade a sample when there are more than this.")] = 1000,
) -> None:
    """Grade small changes to the reference, and show those that every test lets pass."""
    from prodev.authoring import hunt_in

    typer.echo("\n".join(hunt_in(Course.here().exercise(slug), most=most).lines()))


@new.command()
def module(name: Annotated[str, typer.Argument(metavar="NN-NAME", help="As in 02-python.")]) -> None:
    """Make a week: a module.toml with an empty order."""
    from prodev.authoring import new_module

    _tell(new_module(Course.here(), name))


@new.command()
def exercise(place: Place) -> None:
    """Make an exercise that keeps every promise, to be replaced part by part."""
    from prodev.authoring import new_exercise

    _tell(new_exercise(Course.here(), place))


@new.command()
def lesson(place: Place) -> None:
    """Make a lesson, run, with one experiment and one picture."""
    from prodev.authoring import new_lesson
    from prodev.lessons.execute import execute

    made = new_lesson(Course.here(), place)
    execute(made.made[0])
    _tell(made)


def _tell(scaffold: Scaffold) -> None:
    root = Course.here().root
    typer.echo("\n".join(f"made  {path.relative_to(root)}" for path in scaffold.made))
    typer.echo("\n".join(f"next  {step}" for step in scaffold.next))


def main() -> None:
    """Run ``prodev dev`` by itself."""
    try:
        app()
    except ProDevError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()

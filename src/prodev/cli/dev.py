"""``prodev dev``: what a maintainer types."""

from __future__ import annotations

from typing import Annotated

import typer

from prodev.course import Course
from prodev.errors import ProDevError

app = typer.Typer(no_args_is_help=True)


@app.callback()
def dev() -> None:
    """For maintainers: scaffold, check and mutate exercises."""


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


def main() -> None:
    """Run ``prodev dev`` by itself."""
    try:
        app()
    except ProDevError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()

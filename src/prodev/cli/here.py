"""Where a command was typed: the course, the workspace, and the exercise meant."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from prodev.course import Course, Exercise
from prodev.errors import ProDevError
from prodev.workspace import NoWorkspace, Workspace, find, locate
from prodev.workspace.progress import Progress


class Here:
    """Everything is looked up on first use."""

    @cached_property
    def folder(self) -> Path:
        try:
            return Path.cwd()
        except OSError as error:
            raise ProDevError("The folder you are in was removed.", remedy="cd to one that exists.") from error

    @cached_property
    def course(self) -> Course:
        return Course.here()

    @cached_property
    def workspace(self) -> Workspace:
        return find(self.course, start=self.folder)

    @property
    def progress(self) -> Progress:
        """As it stands now. Raises NotRecorded when the file is broken."""
        return self.workspace.progress.read()

    def exercise(self, name: str | None) -> Exercise:
        """The one that ``name`` means, started. Errors as ``locate``; ProDevError when it was not started."""
        exercise = locate(self.workspace, self.course, name, start=self.folder)
        if not self.workspace.is_started(exercise):
            raise NoWorkspace(f"You have not started '{exercise.slug}' yet.", remedy=f"prodev start {exercise.slug}")
        return exercise

"""The files that stand beside the lessons."""

from __future__ import annotations

from pathlib import Path

from prodev.course import Course, CourseError


def lesson_file(name: str) -> Path:
    """Find ``modules/*/files/<name>`` in the pristine course, wherever the notebook was copied to."""
    for path in sorted((Course.here().root / "modules").glob(f"*/files/{name}")):
        return path
    raise CourseError(f"No module has a file 'files/{name}'.", remedy="Look for its name in modules/*/files/.")

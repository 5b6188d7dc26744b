"""A course to build a site from, and the site that is built once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from prodev.course import Course
from prodev.site.build import build

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def toy_course() -> Course:
    return Course(HOME / "tests" / "toy_course")


@pytest.fixture(scope="session")
def toy_site(toy_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    return build(toy_course, home=HOME, work=folder / "work", site=folder / "site")

"""The lessons of this course, by slug."""

from __future__ import annotations

from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
LESSONS = sorted((HOME / "modules").glob("*/*.ipynb"))


@pytest.fixture(params=LESSONS, ids=[path.stem for path in LESSONS])
def notebook(request: pytest.FixtureRequest) -> Path:
    """Each committed lesson in turn."""
    path: Path = request.param
    return path

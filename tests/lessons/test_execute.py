"""One command runs a lesson and leaves it in the shape that is committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from prodev.lessons.execute import main, normalise


def _write(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    book = nbformat.v4.new_notebook(
        cells=cells, metadata={"widgets": {"state": {}}, "language_info": {"name": "python", "version": "3"}}
    )
    nbformat.write(book, path)
    return path


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def test_runs_every_cell_and_saves_what_it_showed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = _write(tmp_path / "lesson.ipynb", "nights = 3\nprint('a')\nprint('b')", "nights * 120")

    assert main([str(path)]) == 0

    first, second = _read(path).cells
    assert (first.execution_count, second.execution_count) == (1, 2)
    assert [output.text for output in first.outputs] == ["a\nb\n"]
    assert second.outputs[0].data["text/plain"] == "360"
    assert str(path) in capsys.readouterr().out


def test_a_second_run_writes_the_same_bytes(tmp_path: Path):
    path = _write(
        tmp_path / "lesson.ipynb",
        "from prodev.lessons import sandbox\npicture, axes = sandbox.picture('Nights', x='x', y='y')\n"
        "axes.plot([1, 2], [3, 4])\npicture",
    )
    main([str(path)])
    once = path.read_bytes()
    main([str(path)])

    assert b"image/svg+xml" in once
    assert path.read_bytes() == once


def test_a_failing_cell_is_shown_and_the_file_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = _write(tmp_path / "lesson.ipynb", "assert 2 == 101, 'queries'")
    before = path.read_bytes()

    assert main([str(path)]) == 1

    told = capsys.readouterr().err
    assert "assert 2 == 101" in told
    assert "\x1b[" not in told
    assert path.read_bytes() == before


def test_normalise_keeps_what_the_page_needs():
    cell = nbformat.v4.new_code_cell("1", metadata={"alt": "One.", "tags": ["x"], "execution": {"iopub": "12:30"}})
    book = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})

    normalise(book)

    assert book.cells[0].metadata == {"alt": "One.", "tags": ["x"]}
    assert book.metadata["language_info"] == {"name": "python"}
    assert "widgets" not in book.metadata

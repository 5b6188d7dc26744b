"""Run a lesson from top to bottom and save it with its outputs, in the shape that is committed.

python -m prodev.lessons.execute modules/02-python/generators-work-on-demand.ipynb
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from prodev.errors import ProDevError

SECONDS = 60
_KEPT = {"alt", "tags"}


def execute(path: Path) -> float:
    """Run the notebook at ``path`` in a fresh kernel, normalise it, write it back; return the seconds it took.

    Raises ProDevError with the failing cell and its error, and leaves the file as it was.
    """
    book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        book,
        timeout=SECONDS,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    began = perf_counter()
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        told = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
        remedy = f"Mend the cell, then run: python -m prodev.lessons.execute {path}"
        raise ProDevError(f"{path} does not run to its end.\n{told}", remedy=remedy) from error
    normalise(book)
    nbformat.validate(book)
    nbformat.write(book, path)  # type: ignore[no-untyped-call]
    return perf_counter() - began


def normalise(book: Any) -> None:
    """Take out of ``book`` what tells of a machine, a moment or a Python, and not of the lesson."""
    book.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in book.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in _KEPT}
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Execute the notebooks that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m prodev.lessons.execute", description=__doc__)
    parser.add_argument("notebook", nargs="+", type=Path)
    for path in parser.parse_args(arguments).notebook:
        try:
            seconds = execute(path)
        except ProDevError as error:
            print(error, file=sys.stderr)  # noqa: T201 - a command of its own, not yet a verb of the command line
            return 1
        print(f"{path}: {seconds:.1f} s")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

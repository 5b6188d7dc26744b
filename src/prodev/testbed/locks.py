"""Locks between processes, which the kernel lets go of however a process ends. For systems with ``flock``."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def share(path: Path) -> int:
    """Take a shared lock on ``path``, waiting while somebody holds it alone; closing the file gives it back."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def alone(path: Path, *, patience_s: float) -> Iterator[None]:
    """Hold the lock on ``path`` alone. Raises ``TimeoutError`` when others have it for longer than ``patience_s``."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        limit = time.monotonic() + patience_s
        while not _got(file):
            if time.monotonic() > limit:
                raise TimeoutError(f"{path} was locked for {patience_s:.0f} seconds")
            time.sleep(0.01)
        yield
    finally:
        os.close(file)


def is_held(path: Path) -> bool:
    """Tell whether some process holds the lock on ``path``."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return not _got(file)
    finally:
        os.close(file)


def _got(file: int) -> bool:
    """Try to lock the open ``file`` alone."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""A candidate's process between two tests: brought back to what it was before the candidate's code, or given up.

Standard library only: whatever is imported here, every worker carries.
"""

from __future__ import annotations

import _locale
import builtins
import contextlib
import gc
import inspect
import os
import random
import resource
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

_INSTALLED = tuple(f"{place}{os.sep}" for place in (sys.prefix, sys.base_prefix, Path(__file__).parents[2]))
_LIMITS = tuple(getattr(resource, f"RLIMIT_{name}") for name in ("AS", "NOFILE", "FSIZE", "STACK", "CPU"))
_MOST_FDS = 256

_getsignal: Callable[[int], Any] = inspect.unwrap(signal.getsignal)
"""Without the enumerations that the wrapped one makes of every answer."""


class Framework(Protocol):
    """What keeps places of its own in this process; ``registries`` has Django's."""

    def clear(self) -> None:
        """Empty what is filled again when it is asked for."""
        ...

    def changed(self) -> str:
        """What was left all the same, in a word or two; nothing when all is as it was."""
        ...


class Slate:
    """This process as it is now, and the way back.

    What comes back: the candidate's modules are forgotten, the environment, the folder, the path and the mask of
    new files are as they were, scratch files are gone, the random generator is seeded anew. What cannot be brought
    back is noticed: threads, processes, descriptors, patched builtins and modules, handlers of signals and logs, and
    whatever else ``_marks`` names. Attributes set on modules of the standard library are not noticed.
    """

    def __init__(self, scratch: Path, framework: Framework | None = None) -> None:
        """``scratch`` holds the current folder, or is it, and whatever else lies there is nobody's."""
        self._scratch = scratch
        self._framework = framework
        self._folder = Path.cwd()
        self._environ = dict(os.environ)
        self._path = list(sys.path)
        self._mask = os.umask(0o022)
        os.umask(self._mask)
        self._modules = dict(sys.modules)
        self._descriptors = descriptors()
        self._marks = _marks()

    def wipe(self) -> str:
        """Bring the process back. Returns what could not be, in a word or two; nothing when all is as it was."""
        if self._framework is not None:
            self._framework.clear()
        elif _is_set_up():
            return "a framework"
        if not self._forgets_modules():
            return "modules"
        signal.setitimer(signal.ITIMER_REAL, 0)
        if os.environ != self._environ:
            os.environ.clear()
            os.environ.update(self._environ)
            time.tzset()
        sys.path[:] = self._path
        os.umask(self._mask)
        random.seed()
        gc.collect()
        self._empty_scratch()
        if not is_alone(self._descriptors):
            return "threads, processes or descriptors"
        left = next((name for name, mark in _marks().items() if mark != self._marks[name]), "")
        return left or (self._framework.changed() if self._framework is not None else "")

    def _forgets_modules(self) -> bool:
        """Drop the modules that are none of Python's, of an installed package or of ours, and hold on to none.

        Returns whether those that were there before are there still.
        """
        remaining = len(self._modules)
        for name, module in list(sys.modules.items()):
            if name in self._modules:
                remaining -= module is self._modules[name]
            elif not _is_installed(module):
                del sys.modules[name]
                package, _, attribute = name.rpartition(".")
                if vars(sys.modules.get(package, sys)).get(attribute) is module:
                    delattr(sys.modules[package], attribute)
        return remaining == 0

    def _empty_scratch(self) -> None:
        os.chdir(self._scratch)
        for entry in os.scandir(self._scratch):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                Path(entry.path).unlink()
        self._folder.mkdir(exist_ok=True)
        os.chdir(self._folder)


def _is_installed(module: ModuleType) -> bool:
    origin = getattr(getattr(module, "__spec__", None), "origin", None) or ""
    return origin in ("built-in", "frozen") or origin.startswith(_INSTALLED)


def is_alone(known: set[tuple[int, int, int]]) -> bool:
    """Whether this process has one thread, no child, and no descriptor beyond those ``known``."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return threading.active_count() == _threads() == 1 and descriptors() <= known
    return False


def descriptors() -> set[tuple[int, int, int]]:
    """What is open: the descriptor, and the device and the inode behind it."""
    found = set()
    for fd in map(int, _names_in("/proc/self/fd") or range(_MOST_FDS)):
        with contextlib.suppress(OSError):
            status = os.fstat(fd)
            found.add((fd, status.st_dev, status.st_ino))
    return found


def _threads() -> int:
    """How many the kernel knows of; 1 where it does not say."""
    return len(_names_in("/proc/self/task")) or 1


def _names_in(folder: str) -> list[str]:
    """The names of what lies in ``folder``; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except OSError:
        return []


def _marks() -> dict[str, Any]:
    """What outlives a module and is kept in places that everybody shares."""
    return {
        "builtins": list(map(id, (vars(builtins) | {"_": None}).values())),
        "streams": (id(sys.stdin), id(sys.stdout), id(sys.stderr)),
        "hooks": tuple(map(id, (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook))),
        "traces": (sys.gettrace(), sys.getprofile()),
        "imports": (list(map(id, sys.meta_path)), list(map(id, sys.path_hooks))),
        "limits": (sys.getrecursionlimit(), *map(resource.getrlimit, _LIMITS)),
        "signals": list(map(_getsignal, range(1, signal.NSIG))),
        "garbage": (gc.isenabled(), gc.get_threshold()),
        "warnings": (list(warnings.filters), id(warnings.showwarning)),
        "locale": _locale.setlocale(_locale.LC_ALL),
        "memory": (_is_tracing(), _names_in("/dev/shm")),
        "logs": _logs(),
    }


def _is_set_up() -> bool:
    """Whether Django has been told of a project: its registries hold what they were told."""
    conf = sys.modules.get("django.conf")
    return conf is not None and bool(conf.settings.configured)


def _is_tracing() -> bool:
    tracemalloc = sys.modules.get("tracemalloc")
    return bool(tracemalloc and tracemalloc.is_tracing())


def _logs() -> list[Any]:
    """What was configured of ``logging``; nothing where nobody has imported it."""
    logging = sys.modules.get("logging")
    if logging is None:
        return []
    factories = (logging.getLogRecordFactory(), logging.getLoggerClass())
    found: list[Any] = []
    if factories != (logging.LogRecord, logging.Logger) or logging.root.manager.disable:
        found.append((factories, logging.root.manager.disable))
    for name, log in [("", logging.root), *logging.root.manager.loggerDict.items()]:
        if isinstance(log, logging.Logger):
            level = logging.NOTSET if name else logging.WARNING
            handled = (list(map(id, log.handlers)), list(map(id, log.filters)))
            if (log.level, handled, log.propagate, log.disabled) != (level, ([], []), True, False):
                found.append((name, log.level, handled, log.propagate, log.disabled))
    return found

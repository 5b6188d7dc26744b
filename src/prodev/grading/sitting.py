"""One candidate before one suite: what the fixtures of the suite are made from."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from prodev.course import Exercise
from prodev.errors import Unavailable
from prodev.grading.candidate import Candidate
from prodev.grading.clock import FLOOR_S, PATIENCE
from prodev.grading.nursery import is_set_up, listen
from prodev.grading.servant import Inline, Servant, Worker
from prodev.grading.turns import Turns
from prodev.grading.zygote import LazyServant, Zygote

SITTING = pytest.StashKey[Callable[[pytest.Item | pytest.Collector], "Sitting"]]()
"""In ``config.stash``: from a node of the suite to its sitting."""

PEERS_ARE_KNOWN = hasattr(socket, "SO_PEERCRED")
"""Whether our own statements can be told from the candidate's; see ``prodev.testbed.Tap``."""

_OUTPUT_SHOWN = 4000
_MOST_SPARES = 8


@dataclasses.dataclass
class Sitting:
    """``tree`` is what ``intake.take`` laid out; ``scratch`` a folder for what workers write.

    ``services`` maps a service to its lease in plain data, or to the problem that kept it away.
    Without a ``nursery`` the candidate runs inline. ``seed`` draws the inputs.
    ``resting`` keeps the judge's session on a database between two sittings.
    ``has_server``: the suite has a server for the candidate to talk to. One process serves all tests
    (``turns``); a web application's whose framework knows files of the candidate's is forked for each
    (``zygote``); with ``idle``, an application has as many started ahead, while nobody waits.
    """

    exercise: Exercise
    tree: Path
    scratch: Path
    services: dict[str, dict[str, Any]]
    nursery: socket.socket | None = None
    warm_tree: str = ""
    floor_s: float = FLOOR_S
    seed: int = 0
    has_server: bool = False
    idle: bool = False
    resting: Any = None

    def __post_init__(self) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115
        self._shown = 0
        self._closers: list[Callable[[], None]] = []
        self._database: Any = None
        self._mysql: Any = None
        self._turns = Turns(self._start)
        self._zygote: Zygote | None = None
        self._spares: list[Worker] = []

    def get_ready(self, *, tests: int) -> None:
        """Do all that can be done before the candidate is there: its tree may be empty still.

        ``tests`` of the suite will ask for a process, and now and then for a second one.
        """
        with contextlib.suppress(Unavailable):  # a test that asks for it meets the same, and reports it
            if "postgres" in self.services:
                self.database().answers()
        if self.nursery is not None and self._will_be_asked():
            if self.exercise.app is not None and self.idle:
                self._spares = [self._start(rehearses=True) for _ in range(min(tests + 1, _MOST_SPARES))]
            elif self._takes_turns:
                self._turns.get_ready()
            else:
                self._zygote = self._new_zygote()

    def begin(self, *, seed: int) -> None:
        """Take in how this candidate is graded; what a service dropped while it waited is made anew."""
        self.seed = seed
        if self._database is not None and not self._database.answers():
            while self._spares:
                self._spares.pop().close()
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = self._new_zygote()
            if self._takes_turns:
                self._turns.get_ready()

    def candidate(self) -> Candidate:
        """The candidate for one test."""
        return Candidate(tree=self.tree, edit=self.exercise.edit, hire=self._hire)

    def database(self) -> Any:
        """The leased database. Raises Unavailable when no engine could be had."""
        lease = self.services.get("postgres", {"problem": "This exercise does not ask for Postgres in 'services'."})
        if "problem" in lease:
            raise Unavailable(lease["problem"], remedy=lease.get("remedy", ""))
        if self._database is None:
            from prodev.testbed import Database, Lease

            tap_folder = self._tap_folder() if self.nursery else None
            self._database = Database(
                Lease.from_json(lease), tap_folder=tap_folder, overlook=self._is_spare, resting=self.resting
            )
            self._closers.append(self._database.close)
        return self._database

    def mysql(self) -> Any:
        """The leased database on a MySQL or MariaDB; None where none answers."""
        lease = self.services.get("mysql", {"problem": "This exercise does not ask for MySQL."})
        if "problem" in lease:
            return None
        if self._mysql is None:
            from prodev.testbed.mysql import MySqlLease
            from prodev.testbed.mysql_database import MySqlDatabase

            self._mysql = MySqlDatabase(MySqlLease.from_json(lease))
            self._closers.append(self._mysql.close)
        return self._mysql

    def listener(self) -> socket.socket | None:
        """A socket that listens where the candidate's loopback is; None where that is everybody's."""
        return listen(self.nursery) if self.nursery is not None else None

    def printed(self) -> str:
        """What the candidate printed since the last time this was asked, at most 4,000 characters of it."""
        end = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(self._shown, end - _OUTPUT_SHOWN))
        self._shown = end
        return self._output.read(_OUTPUT_SHOWN).decode("utf-8", "replace")

    def dismiss(self) -> None:
        """No test comes any more: what the last one used is not made ready for another."""
        self._turns.dismiss()

    def close(self) -> None:
        """Give back what the fixtures opened."""
        self._turns.close()
        for spare in self._spares:
            spare.close()
        if self._zygote is not None:
            self._zygote.close()
        for close in self._closers:
            close()
        self._output.close()

    def _hire(self) -> Servant:
        if self.nursery is None:
            return Inline(self._payload(self.tree))
        if self._spares:
            hired = self._spares[0]
            hired.wait_until_ready()  # a spare until then: only now does what it asks of a database count
            return self._spares.pop(0)
        if self._takes_turns:
            return self._turns.hire()
        if self._zygote is None:
            self._zygote = self._new_zygote()
        return LazyServant(self._zygote, self._start)

    def _is_spare(self, pid: int) -> bool:
        """Whether ``pid`` has not seen the candidate yet: what it asks of a database is ours."""
        if any(spare.pid == pid for spare in tuple(self._spares)) or self._turns.is_untouched(pid):
            return True
        return self._zygote is not None and self._zygote.is_untouched(pid)

    @cached_property
    def _takes_turns(self) -> bool:
        """Whether one process can serve every test: no candidate's file is in what a framework has been told."""
        assert self.nursery is not None
        return self.exercise.app is None or is_set_up(self.nursery)

    def _will_be_asked(self) -> bool:
        """Whether tests will want a process, and not only the text of the files."""
        return any(not path.endswith((".sql", ".json", ".toml", ".yml", ".yaml")) for path in self.exercise.edit)

    def _new_zygote(self) -> Zygote:
        return Zygote(lambda line: self._start(line, rehearses=True), patience_s=self.floor_s)

    def _start(self, line: socket.socket | None = None, *, rehearses: bool = False) -> Worker:
        """Start a process for the tree, a zygote where there is a ``line``; ``rehearses``: nobody waits for it yet."""
        assert self.nursery is not None
        leaves_traces = bool(self.exercise.services) or self.has_server  # which suites count
        reference = None if leaves_traces else self._hire_reference
        payload = self._payload(self.tree) | {"rehearses": rehearses and PEERS_ARE_KNOWN, "is_forked": line is not None}
        return Worker.start(self.nursery, payload, output=self._output, reference=reference, line=line)

    def _hire_reference(self) -> Worker:
        from prodev.grading.intake import take

        assert self.nursery is not None
        seat = Path(tempfile.mkdtemp(dir=self.tree.parent.parent))  # where the candidate cannot look
        self._closers.append(lambda: shutil.rmtree(seat, ignore_errors=True))
        seat.chmod(0o755)
        tree = seat / "tree"
        take(self.exercise, [self.exercise.starter, self.exercise.reference], tree)
        payload = self._payload(tree) | {"floor_s": PATIENCE * self.floor_s}  # what it takes is to be known
        return Worker.start(self.nursery, payload, output=tempfile.TemporaryFile(), reference=None)

    def _tap_folder(self) -> Path:
        """Where the candidate finds its way to the database."""
        folder = self.tree.parent / "tap"
        folder.mkdir(exist_ok=True)
        return folder

    def _payload(self, tree: Path) -> dict[str, Any]:
        probes = self.exercise.tests / "probes.py"
        return {
            "seat": str(tree.parent),
            "tree": str(tree),
            "may_connect": bool(self.exercise.services) or self.has_server,
            "scratch": str(self.scratch),
            "warm_tree": self.warm_tree,
            "probes": str(probes) if probes.is_file() else None,
            "app": self.exercise.app,
            "rehearses": False,
            "is_forked": False,
            "floor_s": self.floor_s,
            "env": self._environment(),
        }

    def _environment(self) -> dict[str, str]:
        tools = [str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
        env = {"PATH": os.pathsep.join(tools), "HOME": str(self.scratch), "LANG": "C.UTF-8", "TZ": "UTC"}
        if "url" in self.services.get("postgres", {}):
            env["DATABASE_URL"] = self.database().url
        return env

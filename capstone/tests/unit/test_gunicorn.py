"""Several processes behind one port, as gunicorn.conf.py says."""

from __future__ import annotations

import os
import re
import runpy
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from staybook_dev.engines import ROOT, free_port, wait_for_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="Linux says who is whose child")


class Site:
    """A gunicorn of ours, one process of which can be asked alone."""

    def __init__(self, port: int, program: subprocess.Popen[bytes]) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._program = program

    @property
    def workers(self) -> list[int]:
        """Their process ids."""
        gunicorn = self._program.pid
        return [int(pid) for pid in Path(f"/proc/{gunicorn}/task/{gunicorn}/children").read_text().split()]

    def get(self, path: str) -> str:
        """The body of an answer, over a connection of its own."""
        with urllib.request.urlopen(self._address + path, timeout=60) as answer:
            return str(answer.read(), "utf-8")

    @contextmanager
    def answered_by(self, worker: int) -> Iterator[None]:
        """Meanwhile all the others stand still."""
        others = [pid for pid in self.workers if pid != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    def counted(self, route: str) -> float:
        """How many requests /metrics says that ``route`` answered."""
        found = re.findall(rf'staybook_requests_total{{.*route="{route}".*}} (\S+)', self.get("/metrics"))
        return sum(map(float, found))


@contextmanager
def gunicorn(**environment: str) -> Iterator[Site]:
    """Run it until both of its workers have answered."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    program = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)
    try:
        wait_for_port(port, 60)  # by the time that it listens it has no worker yet
        site = Site(port, program)
        until = time.monotonic() + 60
        while len(site.workers) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        for worker in site.workers:
            with site.answered_by(worker):
                site.get("/healthz")
        yield site
    finally:
        program.terminate()
        program.wait(30)


def test_whoever_is_asked_for_metrics_tells_of_all_processes(tmp_path):
    with gunicorn(TMPDIR=str(tmp_path)) as site:
        first, second = site.workers
        for worker, times in ((first, 3), (second, 4)):
            with site.answered_by(worker):
                for _ in range(times):
                    site.get("/healthz")

        told = []
        for worker in (first, second):
            with site.answered_by(worker):
                told.append(site.counted("probe-healthz"))

    assert told == [9, 9]  # with the one that each answered before
    assert not list(tmp_path.iterdir()), "the folder of counts is left behind"


def test_a_folder_of_counts_that_is_named_begins_empty_and_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "counts"))
    (tmp_path / "counts").mkdir()
    old, other = tmp_path / "counts" / "counter_1.db", tmp_path / "counts" / "notes"
    old.write_bytes(b"of a process that is gone")
    other.write_text("not ours")
    conf, server = runpy.run_path(str(ROOT / "gunicorn.conf.py")), SimpleNamespace()

    conf["on_starting"](server)
    assert (old.exists(), other.exists()) == (False, True)

    conf["on_exit"](server)
    assert other.exists()

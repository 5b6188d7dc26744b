"""pytest's plugin that hunts: the tests are collected and warm, and each mutant meets those that cover it.

A mutant of a function is tried in a fork of this process. What survives that, and what a module does when it is
imported, is tried in a new process. HUNT names the work, as ``__main__`` wrote it.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django.plugin import blocking_manager_key

from tests.mutants import swap

PATIENCE_S, PATIENCE_CPU_S = 600, 60
"""What takes longer is killed: it waits for what never comes, or turns for ever."""
WITH_THREADS = ("tests/races/", "tests/faults/")
"""Asked last, for they are slow; and nothing of them may be warm before a fork, which has no threads."""
failed: list[pytest.TestReport] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        failed.append(report)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    session.config.pluginmanager.unregister(name="terminalreporter")  # what fails here is no news
    work = json.loads(Path(os.environ["HUNT"]).read_text(encoding="utf-8"))
    items = {item.nodeid: item for item in session.items}
    warm_up(session, {name for job in work["jobs"] for name in job["tests"]})
    kills: Counter[str] = Counter()
    alive = work["jobs"]
    with Path(work["to"]).open("a", encoding="utf-8") as to:
        for meet in (in_a_fork, in_a_new_process):
            waiting, alive = alive, []
            for job in waiting:
                tests = [items[name] for name in job["tests"] if name in items]
                tests.sort(key=lambda item: (item.nodeid.startswith(WITH_THREADS), -kills[item.nodeid]))
                began = time.monotonic()
                killer = meet(job, tests) if tests else ""
                kills[killer] += 1
                if not killer:
                    alive.append(job)
                verdict = {"key": job["key"], "killer": killer, "tests": len(tests), "how": meet.__name__}
                print(json.dumps(verdict | {"took_s": time.monotonic() - began}), file=to, flush=True)
    return True


def warm_up(session: pytest.Session, names: set[str]) -> None:
    """Run one test of each file here: the database, the fake's process, the routes and the schemas stay.

    Raises AssertionError when one fails: then nothing can be said of mutants.
    """
    first: dict[Path, pytest.Item] = {}
    for item in session.items:
        if item.nodeid in names and not item.nodeid.startswith(WITH_THREADS):
            first.setdefault(item.path, item)
    run(first.values(), elsewhere=session.items)
    assert not failed, f"without any mutant this fails: {failed[0].nodeid}\n{failed[0].longreprtext}"
    connections.close_all()
    assert threading.active_count() == 1, threading.enumerate()


def in_a_fork(job: dict[str, Any], tests: list[pytest.Item]) -> str:
    """The test that killed the mutant, or why it died without one; nothing when it lives, or is no function here."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        be_a_mutant(job, tests, writing)
    os.close(writing)
    clock = threading.Timer(PATIENCE_S, os.killpg, [pid, signal.SIGKILL])
    clock.start()
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    clock.cancel()
    clock.join()
    if status == 0:
        return told
    with tests[0].config.stash[blocking_manager_key].unblock():  # it may have died between a commit and its end
        call_command("flush", verbosity=0, interactive=False)
        connections.close_all()
    return f"(ended with {os.waitstatus_to_exitcode(status)})"


def be_a_mutant(job: dict[str, Any], tests: list[pytest.Item], pipe: int) -> NoReturn:
    """In a process of its own: run ``tests`` until one fails, and write its name to ``pipe``."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE_CPU_S, PATIENCE_CPU_S))
    from staybook.payments.gateways import transport
    from tests.fakegateway.running import Fake

    transport._client.cache_clear()  # a connection has one owner
    for fake in [each for each in gc.get_objects() if isinstance(each, Fake)]:
        fake.http = httpx.Client(base_url=fake.url, timeout=20)
    before = Path(job["file"]).read_text(encoding="utf-8")
    if swap.put_in(Path(job["file"]), before, job["after"]):
        run(tests, elsewhere=tests[0].session.items)
        os.write(pipe, "".join(report.nodeid for report in failed[:1]).encode())
    os._exit(0)


def run(tests: Iterable[pytest.Item], elsewhere: list[pytest.Item]) -> None:
    """Run them until one fails. After each comes one of another folder, it is said: what is the session's stays."""
    for item in tests:
        after = min(elsewhere, key=lambda other: (other.path.parent == item.path.parent, other.path == item.path))
        item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
        if failed:
            break


def in_a_new_process(job: dict[str, Any], tests: list[pytest.Item]) -> str:
    """The same, with the mutant imported: slower, and true of whatever a module does."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as mutant:
        mutant.write(job["after"])
        mutant.flush()
        options = ["-q", "-x", "-n0", "--reuse-db", "-p", "no:randomly", "-p", "no:cacheprovider"]
        options += ["-p", "tests.mutants.swap", *(item.nodeid for item in tests)]
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options],
            env=os.environ | {"MUTATED": job["file"], "MUTANT": mutant.name},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "(hangs)"
    if process.returncode == 0:
        return ""
    failed_first = [line.split()[1] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed_first[0] if failed_first else f"(ended with {process.returncode})"

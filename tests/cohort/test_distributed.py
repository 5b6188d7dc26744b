"""Jobs that travel: the same results as here, byte for byte, whoever is killed on the way."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator

import msgspec
import pytest
from celery.contrib.testing.worker import start_worker
from handing_in import RIGHT, TOY, WRONG

from prodev.cohort.answers import answer_to
from prodev.cohort.candidates import Candidate
from prodev.cohort.distributed import CeleryEngine, application, worker_of
from prodev.cohort.editions import job_key, seed_of
from prodev.cohort.engine import Desk, Engine, Graded, Job
from prodev.cohort.local import LocalEngine
from prodev.course import Course
from prodev.errors import ProDevError

BROKERS = {"redis": ("redis://127.0.0.1:6379/9", 6379), "rabbitmq": ("amqp://guest:guest@127.0.0.1:5672//", 5672)}
EXERCISES = {exercise.slug: exercise for exercise in Course(TOY).exercises}
NIGHTS = EXERCISES["count-nights"]
WORKER = """
import sys
from pathlib import Path
from prodev.cohort.distributed import work
from prodev.course import Course
exercises = {each.slug: each for each in Course(Path(sys.argv[1])).exercises}
sys.exit(work(exercises, broker=sys.argv[2], slots=1, queue=sys.argv[3]))
"""


def answers(count: int, *, pause: float = 0.0) -> dict[str, Candidate]:
    """So many different answers, right and wrong, by digest; importing one takes ``pause`` seconds."""
    wait = f"import time\ntime.sleep({pause})\n" if pause else ""
    texts = ((RIGHT if number % 3 else WRONG) + f"\n# learner {number}\n{wait}" for number in range(count))
    candidates = [Candidate({"nights.py": text.encode()}) for text in texts]
    return {candidate.digest: candidate for candidate in candidates}


def jobs_for(candidates: dict[str, Candidate]) -> list[Job]:
    return [Job(NIGHTS.slug, job_key(NIGHTS, digest), digest, seed_of(NIGHTS, digest)) for digest in candidates]


def outcome(engine: Engine, candidates: dict[str, Candidate]) -> list[bytes]:
    """The results in bytes, without how long they took."""
    return in_bytes(engine(jobs_for(candidates), candidates.__getitem__))


def in_bytes(found: Iterable[Graded]) -> list[bytes]:
    return sorted(msgspec.json.encode(msgspec.structs.replace(each, seconds=0.0)) for each in found)


@pytest.fixture
def queue() -> str:
    """A queue that nobody else listens to."""
    return f"prodev-test-{uuid.uuid4().hex}"


@pytest.fixture
def memory(queue: str) -> Iterator[str]:
    """A broker in this process, with one worker."""
    app = worker_of(EXERCISES, broker="memory://", queue=queue)
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield "memory://"
    app.close()


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, queue: str) -> Iterator[str]:
    """A real broker; its queue is removed afterwards."""
    url, port = BROKERS[request.param]
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        yield url
        with application(url, queue) as app, app.connection_for_write() as connection:
            connection.default_channel.queue_delete(queue)
        return
    pytest.skip(f"no {request.param} at 127.0.0.1:{port}")


class Crew:
    """Workers on one broker, each in a process group of its own."""

    def __init__(self, broker: str, queue: str) -> None:
        self._command = [sys.executable, "-c", WORKER, str(TOY), broker, queue]
        self._processes: list[subprocess.Popen[bytes]] = []

    def hire(self) -> None:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._processes.append(subprocess.Popen(self._command, start_new_session=True, **quiet))

    def kill_all(self) -> None:
        """SIGKILL, to each with its children."""
        while self._processes:
            process = self._processes.pop()
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def crew(broker: str, queue: str) -> Iterator[Crew]:
    crew = Crew(broker, queue)
    yield crew
    crew.kill_all()


def test_a_worker_finds_what_this_machine_finds(memory: str, queue: str) -> None:
    candidates = answers(6)

    found = outcome(CeleryEngine(EXERCISES, broker=memory, queue=queue, patience_s=30), candidates)

    assert len(found) == 6
    assert found == outcome(LocalEngine(EXERCISES, slots=1), candidates)


def test_no_worker_is_said_and_not_waited_for_for_ever(queue: str) -> None:
    engine = CeleryEngine(EXERCISES, broker="memory://", queue=queue, patience_s=0.1)

    with pytest.raises(
        ProDevError, match="No worker at memory:/// has answered for 0 s; 2 answers are outstanding"
    ) as told:
        outcome(engine, answers(2))

    assert told.value.remedy == "Start one, on any machine: prodev worker --broker memory:///"


def test_a_broker_out_of_reach_is_named_without_its_password(queue: str) -> None:
    engine = CeleryEngine(EXERCISES, broker="amqp://mentor:secret@127.0.0.1:1//", queue=queue)

    with pytest.raises(ProDevError, match=r"The broker at amqp://mentor:\*\*@127.0.0.1:1// is out of reach") as told:
        outcome(engine, answers(1))

    assert "secret" not in str(told.value)


def test_a_worker_of_another_edition_grades_nothing(memory: str, queue: str) -> None:
    candidates = answers(1)
    engine = CeleryEngine(EXERCISES, broker=memory, queue=queue, patience_s=30)
    job = msgspec.structs.replace(jobs_for(candidates)[0], key="the key of another edition")

    with pytest.raises(ProDevError, match="has another edition of count-nights"):
        list(engine([job], candidates.__getitem__))


def test_a_desk_that_breaks_costs_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> Graded:
        raise RuntimeError("no space left")

    monkeypatch.setattr(Desk, "grade", breaks)
    (digest, candidate), *_ = answers(1).items()

    answer = answer_to(jobs_for({digest: candidate})[0], candidate, EXERCISES, Desk())

    assert answer.graded is not None
    assert answer.graded.report.outcome == "ungraded"
    assert "RuntimeError: no space left" in answer.graded.report.problem


def test_what_killed_workers_held_is_done_by_another(broker: str, queue: str, crew: Crew) -> None:
    candidates = answers(10, pause=0.1)
    engine = CeleryEngine(EXERCISES, broker=broker, queue=queue, patience_s=3)
    crew.hire()
    crew.hire()
    found: list[Graded] = []

    for result in engine(jobs_for(candidates), candidates.__getitem__):
        found.append(result)
        if len(found) == 3:
            crew.kill_all()
            crew.hire()

    assert in_bytes(found) == outcome(LocalEngine(EXERCISES, slots=2), candidates)

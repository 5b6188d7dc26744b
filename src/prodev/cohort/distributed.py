"""The engine of many machines: jobs travel by Celery, over Redis or RabbitMQ, to workers on any number of hosts.

A message holds one job and the candidate's files; the answer comes back on a queue that belongs to the run.
A message is acknowledged once its answer is on its way, so what a killed worker held is done by another; what
is done twice has the same answer, and the second is dropped. Workers grade with the very ``Desk`` of the local
engine. Whoever can write to the broker can write results: it belongs to the mentor's side, with a password.
"""

from __future__ import annotations

import atexit
import base64
import socket
import uuid
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from queue import Empty
from typing import Any

import msgspec
from celery import Celery
from celery.signals import worker_process_shutdown
from kombu.entity import Queue
from kombu.exceptions import OperationalError
from kombu.utils.url import maybe_sanitize_url

from prodev.cohort.answers import Answer, answer_to
from prodev.cohort.candidates import Candidate, unpacked
from prodev.cohort.engine import Desk, Graded, Job
from prodev.course import Exercise
from prodev.errors import ProDevError

BROKER = "redis://127.0.0.1:6379/0"
TASK = "prodev.grade"
QUEUE = "prodev"

TRIES = 3
"""Times that what got no answer is sent again."""

_OUTSTANDING = 64
_EXPIRES_S = 3600


def application(broker: str, queue: str) -> Celery:
    """The Celery application of both sides: JSON alone, late acknowledgement, one job at a time."""
    app = Celery("prodev", broker=broker, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=5,
        broker_transport_options={"visibility_timeout": 300},
        task_acks_late=True,
        task_create_missing_queues=True,
        task_default_queue=queue,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
    )
    return app


class CeleryEngine:
    """Grades on whatever workers serve ``queue`` of ``broker``.

    When no answer comes for ``patience_s`` seconds, what is outstanding is sent once more; when that has been
    of no use ``TRIES`` times, ProDevError is raised.
    """

    def __init__(
        self, exercises: Mapping[str, Exercise], *, broker: str, queue: str = QUEUE, patience_s: float = 30.0
    ) -> None:
        self._order = {slug: place for place, slug in enumerate(exercises)}
        self._broker = broker
        self._queue = queue
        self._patience_s = patience_s

    def __call__(self, jobs: Sequence[Job], candidate_of: Callable[[str], Candidate]) -> Generator[Graded, None, None]:
        """Yield results as they come. Raises ProDevError when the broker, or every worker, is out of reach."""
        waiting = deque(sorted(jobs, key=lambda job: self._order.get(job.exercise, 0)))
        if not waiting:
            return
        app = application(self._broker, self._queue)
        name = f"{self._queue}.answers.{uuid.uuid4().hex}"
        try:
            with app.connection_for_read() as connection:
                connection.ensure_connection(max_retries=1)
                answers = connection.SimpleQueue(Queue(name, routing_key=name, expires=_EXPIRES_S))  # type: ignore[no-untyped-call]
                try:
                    yield from self._exchange(app, answers, waiting, candidate_of)
                finally:
                    answers.close()
                    answers.queue.delete()
        except (OperationalError, OSError) as error:
            raise ProDevError(
                f"The broker at {maybe_sanitize_url(self._broker)} is out of reach: {error}.",
                remedy="docker compose --profile services up -d --wait, or name yours: --broker URL",
            ) from error
        finally:
            app.close()

    def _exchange(
        self, app: Celery, answers: Any, waiting: deque[Job], candidate_of: Callable[[str], Candidate]
    ) -> Generator[Graded, None, None]:
        outstanding: dict[str, Job] = {}

        def send(job: Job) -> None:
            packed = base64.b64encode(candidate_of(job.candidate).packed()).decode()
            app.send_task(TASK, (msgspec.to_builtins(job), packed, answers.queue.name), expires=_EXPIRES_S)

        silences = 0
        while waiting or outstanding:
            while waiting and len(outstanding) < _OUTSTANDING:
                job = waiting.popleft()
                outstanding[job.key] = job
                send(job)
            try:
                message = answers.get(timeout=self._patience_s)
            except Empty:
                silences += 1
                if silences > TRIES:
                    raise self._no_worker(len(outstanding)) from None
                for job in outstanding.values():
                    send(job)
                continue
            message.ack()
            answer = msgspec.json.decode(message.payload, type=Answer)
            asked = outstanding.pop(answer.key, None)
            if answer.problem:
                raise ProDevError(answer.problem, remedy="Bring every worker to the edition that asks: git pull")
            if asked is not None and answer.graded is not None:
                silences = 0
                yield answer.graded

    def _no_worker(self, left: int) -> ProDevError:
        broker = maybe_sanitize_url(self._broker)
        return ProDevError(
            f"No worker at {broker} has answered for {(TRIES + 1) * self._patience_s:.0f} s;"
            f" {left} answers are outstanding. What was graded is kept.",
            remedy=f"Start one, on any machine: prodev worker --broker {broker}",
        )


def work(exercises: Mapping[str, Exercise], *, broker: str, slots: int, queue: str = QUEUE) -> int:
    """Serve ``broker`` with ``slots`` processes until told to stop (SIGTERM, Ctrl-C); return the exit code."""
    arguments = [f"--concurrency={slots}", "--pool=prefork", f"--hostname=prodev@{socket.gethostname()}"]
    arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    try:
        worker_of(exercises, broker=broker, queue=queue).worker_main(["worker", *arguments])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def worker_of(exercises: Mapping[str, Exercise], *, broker: str, queue: str) -> Celery:
    """The application with the one task that its workers perform; each process keeps a desk as long as it lives."""
    app = application(broker, queue)
    desk: list[Desk] = []

    def close(**_: object) -> None:
        while desk:
            desk.pop().close()

    def grade(asked: dict[str, str], packed: str, answers: str) -> None:
        if not desk:
            desk.append(Desk())
        answer = answer_to(msgspec.convert(asked, Job), unpacked(base64.b64decode(packed)), exercises, desk[0])
        with app.producer_pool.acquire(block=True) as producer:
            producer.publish(msgspec.json.encode(answer).decode(), routing_key=answers, exchange="", retry=True)

    worker_process_shutdown.connect(close, weak=False)
    atexit.register(close)
    app.task(name=TASK)(grade)
    return app

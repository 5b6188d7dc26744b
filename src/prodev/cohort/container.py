"""A grader in a container: Docker starts it, jobs and answers go through its standard input and output.

Nothing is mounted, no port is open and no network is there: all that a container learns is the job, and all that
comes back is a frame (see ``contained``), bounded in size and time. One that ends, or answers anything else, is
replaced.
"""

from __future__ import annotations

import itertools
import os
import random
import selectors
import shlex
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NoReturn, TypeVar, cast

import msgspec

from prodev.cohort.answers import Answer
from prodev.cohort.candidates import Candidate
from prodev.cohort.contained import LENGTH, MOST_ANSWERED, Asked, Hello, frame
from prodev.cohort.editions import edition_digest, suite_digest
from prodev.cohort.engine import TRIES, Graded, Job, graded_blank
from prodev.course import Exercise
from prodev.errors import ProDevError

IMAGE = "prodev-grader"
DOCKERFILE = Path(__file__).with_name("grader.Dockerfile")
WALLS = (
    "a container without network, mounts, capabilities and new privileges, read-only but for a disk in memory,"
    " limited in memory and processes, with an ordinary user"
)

_FIRST_USER, _USERS = 61000, 100  # as in the Dockerfile
_LIMITS = (
    *("--network=none", "--read-only", "--tmpfs=/tmp:rw,exec,nosuid,nodev,size=1g,mode=1777"),
    *("--cap-drop=ALL", "--security-opt=no-new-privileges", "--pids-limit=512", "--memory=3g", "--memory-swap=3g"),
)
_INSIDE = ("python", "-I", "-m", "prodev.cohort.contained")
_START_S, _END_S = 60.0, 10.0
_PIECE = 1 << 16
_MOST_COMPLAINED = 500
_MOST_NAMED = 3
_T = TypeVar("_T", Hello, Answer)


class Broken(Exception):
    """A container that ended, or did not do what it is for; the message says which."""


class Late(Broken):
    """It did not answer in time."""


class Containers:
    """Makes desks that grade in containers, all of one image, whatever its tag is given to meanwhile."""

    def __init__(self, exercises: Sequence[Exercise], *, image: str = IMAGE, root: Path) -> None:
        """Raises ProDevError when there is no engine or no image, or one of another edition of ``exercises``.

        ``root`` is where the image is built from.
        """
        build = shlex.join(("docker", "build", "--file", str(DOCKERFILE), "--tag", image, str(root)))
        self._image = _image_id(image, build)
        self._users = itertools.count(random.randrange(_USERS))
        try:
            container = self.start()
        except Broken as broken:
            raise ProDevError(
                f"A container of the image {image} could not be started: {broken}", remedy=build
            ) from None
        container.close()
        others = [each.slug for each in exercises if container.hello.suites.get(each.slug) != suite_digest(each)]
        if container.hello.edition != edition_digest() or others:
            more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
            what = ", ".join(others[:_MOST_NAMED]) + more or "the grader"
            raise ProDevError(f"The image {image} has another edition of {what} than this clone.", remedy=build)

    def start(self) -> Container:
        """A container of a user that no other of this run has. Raises Broken."""
        return Container(self._image, user=_FIRST_USER + next(self._users) % _USERS)

    def desk(self) -> ContainerDesk:
        """What one slot of an engine works at."""
        return ContainerDesk(self.start)


class ContainerDesk:
    """Grades one job after another in a container, which is started when first needed; close it."""

    def __init__(self, start: Callable[[], Container]) -> None:
        self._start = start
        self._container: Container | None = None

    def close(self) -> None:
        """End the container."""
        container, self._container = self._container, None
        if container is not None:
            container.close()

    def grade(self, exercise: Exercise, job: Job, candidate: Candidate) -> Graded:
        """Grade ``candidate``; never raises for it. A container that breaks is replaced, the candidate tried again."""
        if candidate.problem:
            return graded_blank(exercise, job, outcome="failed", problem=candidate.problem)
        asked = Asked(job, candidate.packed())
        problem = ""
        for _ in range(TRIES):
            try:
                return self._answered(exercise, asked)
            except Broken as broken:
                self.close()
                problem = str(broken)
                if isinstance(broken, Late):  # it has had its time, several times over
                    break
        problem = f"It could not be graded in a container: {problem}"
        return graded_blank(exercise, job, outcome="ungraded", problem=problem)

    def _answered(self, exercise: Exercise, asked: Asked) -> Graded:
        if self._container is None:
            self._container = self._start()
        graded = self._container.ask(asked, patience_s=patience_s(exercise))
        report = graded.report
        if not report.isolation:
            return graded
        isolation = f"L4: {WALLS}, and in it: {report.isolation}"
        return msgspec.structs.replace(graded, report=msgspec.structs.replace(report, isolation=isolation))


def patience_s(exercise: Exercise) -> float:
    """Seconds for one answer, more than any grader inside takes that still works: it has deadlines of its own."""
    return TRIES * (3 * exercise.timeout_s + 300)


class Container:
    """One running container; ``hello`` is what it said first."""

    def __init__(self, image: str, *, user: int) -> None:
        """Raises Broken when it does not start."""
        self._name = f"prodev-grader-{uuid.uuid4().hex}"
        command = ["docker", "run", "--rm", "--interactive", "--init", "--name", self._name, "--pull=never"]
        command += ["--log-driver=none", *_LIMITS, f"--user={user}:{user}", image, *_INSIDE]
        pipe = subprocess.PIPE
        try:
            self._client = subprocess.Popen(
                command, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except OSError as error:
            raise Broken(f"docker: {error.strerror}.") from error
        self._complaint = b""
        for stream in self._streams:
            os.set_blocking(stream.fileno(), False)
        try:
            self.hello = self._exchange(b"", Hello, patience_s=_START_S)
        except BaseException:
            self.close()
            raise

    def ask(self, asked: Asked, *, patience_s: float) -> Graded:
        """Have one job done. Raises Broken, and the container is of no more use then."""
        answer = self._exchange(frame(asked), Answer, patience_s=patience_s)
        graded, job = answer.graded, asked.job
        if graded is None and answer.key == job.key and answer.problem:
            raise Broken(f"its image has another edition of {job.exercise}.")
        if graded is None or (graded.exercise, graded.key, graded.candidate) != (job.exercise, job.key, job.candidate):
            raise Broken("it answered another question.")
        return graded

    def close(self) -> None:
        """End the container: by the end of its input, and by force where that is not enough."""
        self._streams[0].close()
        try:
            self._client.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            with suppress(OSError, subprocess.TimeoutExpired):
                force = ["docker", "rm", "--force", self._name]
                subprocess.run(force, capture_output=True, timeout=_END_S, check=False)
            self._client.kill()
            self._client.wait()
        for stream in self._streams[1:]:
            stream.close()

    @property
    def _streams(self) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
        client = self._client
        streams = client.stdin, client.stdout, client.stderr
        assert all(streams), "each was asked for as a pipe"
        return cast("tuple[IO[bytes], IO[bytes], IO[bytes]]", streams)

    def _exchange(self, out: bytes, kind: type[_T], *, patience_s: float) -> _T:
        """Write ``out`` and read one frame, keeping the end of what is complained about meanwhile."""
        deadline = time.monotonic() + patience_s
        came, left = bytearray(), memoryview(out)
        stdin, stdout, stderr = self._streams
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            selector.register(stderr, selectors.EVENT_READ)
            if out:
                selector.register(stdin, selectors.EVENT_WRITE)
            while not _is_whole(came):
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready or time.monotonic() > deadline:
                    raise Late(f"it did not answer within {patience_s:.0f} s.")
                for stream in (key.fileobj for key, _ in ready):
                    if stream is stdin:
                        left = left[self._write(left) :]
                        if not left:
                            selector.unregister(stdin)
                    elif stream is stdout:
                        came += stdout.read(_PIECE) or self._end()
                    elif not self._listen():
                        selector.unregister(stderr)
        try:
            return msgspec.msgpack.decode(came[LENGTH.size :], type=kind)
        except msgspec.DecodeError as error:
            raise Broken(f"its answer cannot be read: {error}.") from error

    def _write(self, out: memoryview) -> int:
        try:
            return os.write(self._streams[0].fileno(), out[:_PIECE])
        except OSError:
            return self._end()

    def _listen(self) -> bool:
        """Take in what it complains about; False at the end of it."""
        said = self._streams[2].read(_PIECE)
        self._complaint = (self._complaint + (said or b""))[-_MOST_COMPLAINED:]
        return said != b""

    def _end(self) -> NoReturn:
        """It has ended: raise Broken with its last words."""
        with suppress(subprocess.TimeoutExpired):
            self._client.wait(timeout=_END_S)
        self._listen()
        words = printable(self._complaint)
        raise Broken(f"it ended with exit code {self._client.returncode}{': ' if words else '.'}{words}")


def _is_whole(came: bytearray) -> bool:
    if len(came) < LENGTH.size:
        return False
    length: int = LENGTH.unpack_from(came)[0]
    if length > MOST_ANSWERED:
        raise Broken(f"its answer has {length} bytes, and at most {MOST_ANSWERED} are read.")
    if len(came) > LENGTH.size + length:
        raise Broken("it said more than it was asked.")
    return len(came) == LENGTH.size + length


def _image_id(image: str, build: str) -> str:
    """The id of ``image``. Raises ProDevError, with what to type, when there is none, or no engine."""
    if shutil.which("docker") is None:
        raise ProDevError(
            "--isolation docker needs Docker, and there is no program 'docker' here.",
            remedy="Install Docker Engine, or grade behind this machine's own walls: --isolation required",
        )
    asking = ["docker", "image", "inspect", "--format={{.Id}}", image]
    try:
        done = subprocess.run(asking, capture_output=True, text=True, timeout=_START_S, check=False)
    except subprocess.TimeoutExpired as error:
        problem = f"Docker has not answered for {_START_S:.0f} s."
        raise ProDevError(problem, remedy="Try it yourself: docker info") from error
    if done.returncode == 0:
        return done.stdout.strip()
    if "no such image" in done.stderr.lower():
        raise ProDevError(f"There is no image {image} here, and nothing is fetched unasked.", remedy=build)
    problem = f"The Docker engine is out of reach: {printable(done.stderr.encode())}"
    raise ProDevError(problem, remedy="Start it, and see that you may use it: docker info")


def printable(said: bytes) -> str:
    """What was said, on one line, without anything that a screen would obey."""
    text = said.decode("utf-8", "replace")
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())

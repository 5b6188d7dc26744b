"""What runs in a grader's container: read a job from standard input, grade it, write the answer, and again.

Frames go both ways: four bytes of length, then msgpack. The first one out is a ``Hello``. The end of the input
is the end of the container. Started by ``container``; ``python -I -m prodev.cohort.contained``.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from prodev.cohort.answers import answer_to
from prodev.cohort.candidates import unpacked
from prodev.cohort.editions import edition_digest, suite_digest
from prodev.cohort.engine import Desk, Job
from prodev.course import Course

LENGTH = struct.Struct(">I")
MOST_ASKED = 16 * 1024 * 1024
"""Bytes of a job with its candidate, which has a quarter of that at most."""
MOST_ANSWERED = 64 * 1024 * 1024
"""Bytes of an answer: a report, with bounded texts of bounded tests."""
ALONE = "PRODEV_ALONE"
"""Set to 1 by the image: every process here is ours, or a candidate's."""

_SWEEPS = 50


class Asked(msgspec.Struct, frozen=True):
    """One job, and its candidate as ``Candidate.packed`` gives it."""

    job: Job
    packed: bytes


class Hello(msgspec.Struct, frozen=True):
    """Which edition is in here: ``edition`` of the grader, and ``suites`` by exercise."""

    edition: str
    suites: dict[str, str]


def frame(message: msgspec.Struct) -> bytes:
    """``message``, ready to be written."""
    packed = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(packed)) + packed


def main() -> None:
    """Serve until the input ends. What anything else prints here goes nowhere near the answers."""
    asks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    exercises = {exercise.slug: exercise for exercise in Course.here().exercises}
    hello = Hello(edition_digest(), {slug: suite_digest(exercise) for slug, exercise in exercises.items()})
    with asks, answers, closing(Desk()) as desk, suppress(BrokenPipeError):
        answers.write(frame(hello))
        answers.flush()
        while len(header := asks.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(header)
            if length > MOST_ASKED:
                sys.exit(f"A job of {length} bytes: at most {MOST_ASKED} are taken.")
            asked = msgspec.msgpack.decode(asks.read(length), type=Asked)
            answer = answer_to(asked.job, unpacked(asked.packed), exercises, desk)
            end_strays()
            answers.write(frame(answer))
            answers.flush()


def end_strays() -> None:
    """Kill what a candidate left running.

    Without namespaces a session of its own outlives the run. In a container there is nobody else: whatever has
    more filters of system calls than we have, and does not descend from us, is such a process. Does nothing
    where the image does not say that this is a container: there others' processes may look the same.
    """
    if os.environ.get(ALONE) != "1":
        return
    for _ in range(_SWEEPS):
        strays = _strays()
        for pid in strays:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not strays:
            return


def _strays() -> list[int]:
    known = {int(folder.name): _status(folder) for folder in Path("/proc").iterdir() if folder.name.isdecimal()}
    most = _filters(known[os.getpid()])
    return [pid for pid, status in known.items() if _filters(status) > most and not _descends(pid, known)]


def _filters(status: dict[str, str]) -> int:
    """How many filters of system calls a process has; none when it has ended."""
    return 0 if status.get("State", "Z").startswith("Z") else int(status.get("Seccomp_filters", 0))


def _descends(pid: int, known: dict[int, dict[str, str]]) -> bool:
    while pid not in (0, os.getpid()):
        pid = int(known.get(pid, {}).get("PPid", 0))
    return pid != 0


def _status(process: Path) -> dict[str, str]:
    """What /proc says of a process, by name; nothing when it has just ended."""
    try:
        lines = (process / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


if __name__ == "__main__":
    main()

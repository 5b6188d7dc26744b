"""A program called ``docker`` that stands in for an engine, and jobs to give it."""

from __future__ import annotations

import functools
import sys
from contextlib import closing
from pathlib import Path

import msgspec
from handing_in import TOY

from prodev.cohort.candidates import Candidate
from prodev.cohort.editions import job_key, seed_of
from prodev.cohort.engine import Desk, Graded, Job
from prodev.course import Course, Exercise

NIGHTS = Course(TOY).exercise("count-nights")
STAND_IN = """#!{python}
import os, sys
from pathlib import Path
here, asked = Path(__file__).parent, sys.argv[1:]
with (here / "asked").open("a") as log:
    log.write(" ".join(asked) + "\\n")
if asked[:2] == ["image", "inspect"]:
    print((here / "image").read_text())
    sys.exit((here / "complaint").read_text() if (here / "complaint").exists() else 0)
if asked[0] == "run":
    number = (here / "asked").read_text().count("run ")
    inside = asked[asked.index("python") + 1 :]
    play = here / f"play-{{number}}.py"
    os.execv(sys.executable, [sys.executable, *(["-I", str(play)] if play.exists() else inside)])
"""
HELLO = """
import sys, time
from prodev.cohort.contained import *
from prodev.cohort.answers import Answer
exercises = Course.here().exercises
def say(frame):
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()
def hear():
    (length,) = LENGTH.unpack(sys.stdin.buffer.read(LENGTH.size))
    return msgspec.msgpack.decode(sys.stdin.buffer.read(length), type=Asked)
hello = Hello(edition_digest(), {each.slug: suite_digest(each) for each in exercises})
"""


class Engine:
    """What was asked of the stand-in, and what it is to do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "docker"
        program.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
        program.chmod(0o755)
        (folder / "image").write_text("sha256:abc", encoding="utf-8")

    def complains(self, text: str) -> None:
        """No image can be looked at, for this reason."""
        (self._folder / "complaint").write_text(text, encoding="utf-8")

    def plays(self, number: int, script: str) -> None:
        """The container that is started as the ``number``-th runs ``script`` in place of its inside."""
        (self._folder / f"play-{number}.py").write_text(HELLO + script, encoding="utf-8")

    def asked(self, verb: str) -> list[list[str]]:
        lines = (self._folder / "asked").read_text(encoding="utf-8").splitlines()
        return [line.split() for line in lines if line.startswith(verb)]


def candidate(text: str) -> Candidate:
    return Candidate({"nights.py": text.encode()})


def job_for(handed_in: Candidate, exercise: Exercise = NIGHTS) -> Job:
    digest = handed_in.digest
    return Job(exercise.slug, job_key(exercise, digest), digest, seed_of(exercise, digest))


@functools.cache
def graded_here(text: str) -> Graded:
    with closing(Desk()) as desk:
        return desk.grade(NIGHTS, job_for(candidate(text)), candidate(text))


def plain(graded: Graded) -> bytes:
    """The result in bytes, without how long it took and behind what."""
    report = msgspec.structs.replace(graded.report, isolation="")
    return msgspec.json.encode(msgspec.structs.replace(graded, seconds=0.0, report=report))

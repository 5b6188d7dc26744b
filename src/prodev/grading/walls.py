"""What stands between a candidate's process and the machine, on Linux, without Docker and without root.

``enclose`` once for a nursery: namespaces of its own for users, processes, the network, mounts, IPC and the host's
name, and a root that holds what a worker needs to read and nothing else. ``Enclosure.confine`` for each process
that is born there, before it runs the candidate's code: a process namespace, a scratch disk and an IPC namespace of
its own, limits, an unprivileged user, no capabilities, Landlock and a filter of system calls.

Sources: user_namespaces(7), proc(5), getrlimit(2); those of the calls stand in ``kernel``.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prodev.grading import kernel
from prodev.grading.kernel import WallError

BOX, SCRATCH = Path("/box"), Path("/scratch")
"""Where an enclosed candidate finds its own folder, read-only, and where it may write."""

MEMORY_BYTES = 2 * 1024**3
PROCESSES = 96
OPEN_FILES = 256
FILE_BYTES = 64 * 1024**2
SCRATCH_BYTES = 256 * 1024**2
SCRATCH_FILES = 20_000

_USERS = range(200_000, 250_000)

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_ETC = {
    "passwd": "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n",
}


_TRIALS, _HELD, _FELL = 3, 10, 11


@dataclass(frozen=True)
class Enclosure:
    """The walls of a nursery. ``bench`` is the folder, on the outside, whose folders candidates are given.

    ``has_namespaces`` is False where the kernel forbids them: then Landlock and the filter stand alone.
    """

    bench: Path
    readable: tuple[Path, ...]
    has_namespaces: bool
    is_root: bool
    landlock: int
    processes: int | None = PROCESSES
    user: int = 0
    _own: int = -1

    @property
    def in_force(self) -> str:
        """The level and what it is made of, for the report."""
        own = f"Landlock {self.landlock}, " if self.landlock else ""
        rest = f"{own}a filter of system calls, limits on memory, processes, files and disk, a scrubbed environment"
        if not self.has_namespaces:
            return f"L2: {rest}" if self.landlock else f"L1: {rest}"
        user = "a user of its own" if self.is_root else "a user namespace without capabilities"
        return f"L3: namespaces for processes, network, files and IPC, {user}, {rest}"

    def before_birth(self) -> None:
        """Give the process that is forked next a process namespace of its own."""
        if self.has_namespaces:
            kernel.enter(self._own, kernel.NEWPID)
            kernel.unshare(kernel.NEWPID)

    def inside(self, folder: Path, text: str) -> str:
        """``text`` with the outside's path of a candidate's folder replaced by the inside's."""
        return text.replace(str(folder), str(BOX)) if self.has_namespaces else text

    def confine(self, folder: Path, scratch: Path, *, may_connect: bool) -> None:
        """Lock this process, for good, to reading ``folder`` and writing ``scratch``. Raises WallError.

        ``may_connect`` allows sockets where no namespace closes what they reach.
        """
        writable, readable = [scratch, Path("/dev/null")], [*self.readable, folder]
        if self.has_namespaces:
            self._furnish(folder)
            writable, readable = [SCRATCH, Path("/dev")], [Path("/")]
        limit(processes=self.processes)
        if self.is_root and self.has_namespaces:
            _become(self.user)
        kernel.drop_capabilities()
        kernel.forbid_new_privileges()
        if self.landlock:
            kernel.landlock(self.landlock, readable, writable)
        kernel.filter_calls(may_connect=may_connect or self.has_namespaces)

    def _furnish(self, folder: Path) -> None:
        kernel.unshare(kernel.NEWNS | kernel.NEWIPC)
        kernel.mount(Path("/benches") / folder.relative_to(self.bench), BOX, flags=kernel.BIND)
        kernel.make_read_only(BOX)
        kernel.mount("tmpfs", Path("/benches"), "tmpfs", kernel.RDONLY, "size=4k")
        private = f"size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES},mode=1777"
        kernel.mount("tmpfs", SCRATCH, "tmpfs", kernel.NOSUID | kernel.NODEV, private)
        data_only = kernel.NOSUID | kernel.NODEV | kernel.NOEXEC
        kernel.mount("tmpfs", Path("/dev/shm"), "tmpfs", data_only, "size=64m,mode=1777")
        try:
            kernel.mount("proc", Path("/proc"), "proc", data_only)
        except WallError:  # a kernel that hides parts of its own /proc lends no new one
            kernel.mount("tmpfs", Path("/proc"), "tmpfs", kernel.RDONLY, "size=4k")


def enclose(bench: Path, readable: Iterable[Path]) -> Enclosure | None:
    """Put this process, single-threaded, behind walls; None on a system that has none of them.

    Goes on in a child of this process where there are namespaces: the parent waits for it and ends as it does.
    """
    if sys.platform != "linux" or not kernel.is_known():
        return None
    python = (Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[1])
    wanted = (*map(Path, _SYSTEM), *python, *readable)
    kept = tuple(path for path in dict.fromkeys(wanted) if os.path.lexists(path))
    landlock = kernel.landlock_version()
    is_root = _can_become_others()
    if not _can_be_enclosed(bench, kept, is_root=is_root):
        more = [Path("/etc") / name for name in (*_SETTINGS, *_ETC)] + [Path("/dev") / name for name in _DEVICES]
        running = _tasks_of(os.getuid())  # the limit counts them too, where the candidate's user is ours
        processes = PROCESSES + running if running else None
        return Enclosure(bench, (*kept, *more), False, is_root, landlock, processes)
    _unshare(is_root=is_root)
    _go_on_in_a_child()
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    # A user that nobody else has, another for each nursery, since limits on processes are kept for each user.
    user = _USERS[Path("/proc/self/ns/net").stat().st_ino % len(_USERS)]
    _build(bench, kept)
    kernel.call_filter(True)  # once, for all that are born here
    return Enclosure(bench, kept, has_namespaces=True, is_root=is_root, landlock=landlock, user=user, _own=own)


def _can_become_others() -> bool:
    """Whether this is root, and not that of a user namespace without the users that candidates become."""
    if os.geteuid() != 0:
        return False
    maps = [map(int, line.split()) for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()]
    return any(first <= _USERS.start and _USERS.stop <= first + count for first, _, count in maps)


def _can_be_enclosed(bench: Path, kept: Sequence[Path], *, is_root: bool) -> bool:
    """Try it all in a process that is thrown away: half of the walls would be in the way."""
    for _ in range(_TRIALS):
        trial = os.fork()
        if trial == 0:
            os._exit(_trial(bench, kept, is_root=is_root))
        held = os.waitstatus_to_exitcode(os.waitpid(trial, 0)[1])
        if held in (_HELD, _FELL):
            return held == _HELD
    return False  # killed each time, by whom does not matter


def _trial(bench: Path, kept: Sequence[Path], *, is_root: bool) -> int:
    try:
        _unshare(is_root=is_root)
        inner = os.fork()
        if inner:
            return max(0, os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]))
        with contextlib.suppress(BaseException):
            os.open("/proc/self/ns/pid", os.O_RDONLY)
            _build(bench, kept)
            os._exit(_HELD)
        os._exit(_FELL)
    except BaseException:
        return _FELL


def _unshare(*, is_root: bool) -> None:
    user, group = os.getuid(), os.getgid()
    spaces = kernel.NEWNS | kernel.NEWUTS | kernel.NEWIPC | kernel.NEWPID | kernel.NEWNET
    kernel.unshare(spaces if is_root else spaces | kernel.NEWUSER)
    if not is_root:
        for file, content in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", file).write_text(content, encoding="ascii")


def _go_on_in_a_child() -> None:
    child = os.fork()
    if child == 0:
        kernel.die_with_parent()
        return
    os.closerange(3, 4096)
    signal.set_wakeup_fd(-1)
    while True:
        with contextlib.suppress(InterruptedError):
            _, status = os.waitpid(child, 0)
            os._exit(max(0, os.waitstatus_to_exitcode(status)))


def _build(bench: Path, kept: Sequence[Path]) -> None:
    """Make a root of its own out of what ``kept`` names, and move there."""
    kernel.loopback_up()
    root = bench / "root"
    root.mkdir(exist_ok=True)
    kernel.mount("none", Path("/"), flags=kernel.REC | kernel.PRIVATE)
    kernel.mount("tmpfs", root, "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=755,size=1m")
    for path in [*kept, *(Path("/etc") / name for name in _SETTINGS), *(Path("/dev") / name for name in _DEVICES)]:
        _show(path, root)
    for name, text in _ETC.items():
        (root / "etc").mkdir(exist_ok=True)
        (root / "etc" / name).write_text(text, encoding="ascii")
    for folder in ("proc", "benches", "dev/shm", *(str(path).lstrip("/") for path in (BOX, SCRATCH))):
        (root / folder).mkdir(parents=True, exist_ok=True)
    if not (root / "tmp").exists():  # nothing that candidates read lies there
        (root / "tmp").symlink_to(SCRATCH)
    for link, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (root / "dev" / link).symlink_to(target)
    kernel.mount(Path("/proc"), root / "proc", flags=kernel.BIND | kernel.REC)
    kernel.mount(bench, root / "benches", flags=kernel.BIND)
    kernel.move_root(root)
    kernel.make_read_only(Path("/"), recursive=False)


def _show(path: Path, root: Path) -> None:
    """Bind ``path``, read-only, at the same place under ``root``; a link there is made anew."""
    place = root / str(path).lstrip("/")
    if not os.path.lexists(path) or os.path.lexists(place):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        place.symlink_to(path.readlink())
        return
    if path.is_dir():
        place.mkdir()
    else:
        place.touch()
    kernel.mount(path, place, flags=kernel.BIND | kernel.REC)
    if path.parent != Path("/dev"):
        kernel.make_read_only(place)


def _tasks_of(user: int) -> int:
    """How many threads of ``user`` there are; 0 where /proc does not say."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == user:
                found += sum(1 for _ in (process / "task").iterdir())
    return found


def limit(*, processes: int | None = PROCESSES) -> None:
    """Bound the memory, processes and files of this process and of those that it starts; None: as many as there are."""
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
    ]
    if processes is not None:
        limits.append((resource.RLIMIT_NPROC, processes))
    for limit, most in limits:
        _, hard = resource.getrlimit(limit)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))


def _become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)

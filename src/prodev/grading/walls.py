"""What stands between a candidate's process and the machine, on Linux, without Docker and without root.

``enclose`` once for a nursery: namespaces of its own for users, processes, the network, mounts, IPC and the host's
name, and a root that holds what a worker needs to read and nothing else. ``Enclosure.confine`` for each process
that is born there, before it runs the candidate's code: a process namespace, a scratch disk and an IPC namespace of
its own, limits, an unprivileged user, no capabilities, Landlock and a filter of system calls.

Sources: namespaces(7), user_namespaces(7), pivot_root(2), landlock(7), seccomp(2), capabilities(7), proc(5).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

BOX, SCRATCH = Path("/box"), Path("/scratch")
"""Where an enclosed candidate finds its own folder, read-only, and where it may write."""

MEMORY_BYTES = 2 * 1024**3
PROCESSES = 96
OPEN_FILES = 256
FILE_BYTES = 64 * 1024**2
SCRATCH_BYTES = 256 * 1024**2
SCRATCH_FILES = 20_000

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    *(0x00020000, 0x04000000, 0x08000000),
    *(0x10000000, 0x20000000, 0x40000000),
)
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
_DETACH = 2
_PDEATHSIG, _SECCOMP, _CAPBSET_DROP, _NO_NEW_PRIVS = 1, 22, 24, 38
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
_MOUNT_SETATTR, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 442, 444, 445, 446
_MACHINE = platform.machine()

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_ETC = {
    "passwd": "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n",
}


_TRIALS, _HELD, _FELL = 3, 10, 11


class WallError(OSError):
    """A wall could not be put up; the message names the step."""


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
            _check(_LIBC.setns(self._own, _NEWPID), "setns")
            _check(_LIBC.unshare(_NEWPID), "unshare")

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
        _drop_capabilities()
        _check(_LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
        if self.landlock:
            _landlock(self.landlock, readable, writable)
        _filter_calls(may_connect=may_connect or self.has_namespaces)

    def _furnish(self, folder: Path) -> None:
        _check(_LIBC.unshare(_NEWNS | _NEWIPC), "unshare")
        _mount(Path("/benches") / folder.relative_to(self.bench), BOX, flags=_BIND)
        _make_read_only(BOX)
        _mount("tmpfs", Path("/benches"), "tmpfs", _RDONLY, "size=4k")
        private = f"size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES},mode=1777"
        _mount("tmpfs", SCRATCH, "tmpfs", _NOSUID | _NODEV, private)
        _mount("tmpfs", Path("/dev/shm"), "tmpfs", _NOSUID | _NODEV | _NOEXEC, "size=64m,mode=1777")
        try:
            _mount("proc", Path("/proc"), "proc", _NOSUID | _NODEV | _NOEXEC)
        except WallError:  # a kernel that hides parts of its own /proc lends no new one
            _mount("tmpfs", Path("/proc"), "tmpfs", _RDONLY, "size=4k")


def enclose(bench: Path, readable: Iterable[Path]) -> Enclosure | None:
    """Put this process, single-threaded, behind walls; None on a system that has none of them.

    Goes on in a child of this process where there are namespaces: the parent waits for it and ends as it does.
    """
    if sys.platform != "linux" or _MACHINE not in _SYS_CAPSET:
        return None
    python = (Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[1])
    wanted = (*map(Path, _SYSTEM), *python, *readable)
    kept = tuple(path for path in dict.fromkeys(wanted) if os.path.lexists(path))
    landlock = max(0, _LIBC.syscall(_LANDLOCK_CREATE, None, 0, 1))
    is_root = os.geteuid() == 0
    if not _can_be_enclosed(bench, kept, is_root=is_root):
        more = [Path("/etc") / name for name in (*_SETTINGS, *_ETC)] + [Path("/dev") / name for name in _DEVICES]
        running = _tasks_of(os.getuid())  # the limit counts them too, where the candidate's user is ours
        processes = PROCESSES + running if running else None
        return Enclosure(bench, (*kept, *more), False, is_root, landlock, processes)
    _unshare(is_root=is_root)
    _go_on_in_a_child()
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    # A user that nobody else has, another for each nursery, since limits on processes are kept for each user.
    user = 200_000 + Path("/proc/self/ns/net").stat().st_ino % 50_000
    _build(bench, kept)
    _filter(True)  # once, for all that are born here
    return Enclosure(bench, kept, has_namespaces=True, is_root=is_root, landlock=landlock, user=user, _own=own)


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
    spaces = _NEWNS | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET
    _check(_LIBC.unshare(spaces if is_root else spaces | _NEWUSER), "unshare")
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
        _check(_LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
        return
    os.closerange(3, 4096)
    signal.set_wakeup_fd(-1)
    while True:
        with contextlib.suppress(InterruptedError):
            _, status = os.waitpid(child, 0)
            os._exit(max(0, os.waitstatus_to_exitcode(status)))


def _build(bench: Path, kept: Sequence[Path]) -> None:
    """Make a root of its own out of what ``kept`` names, and move there."""
    _loopback_up()
    root = bench / "root"
    root.mkdir(exist_ok=True)
    _mount("none", Path("/"), flags=_REC | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, "mode=755,size=1m")
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
    _mount(Path("/proc"), root / "proc", flags=_BIND | _REC)
    _mount(bench, root / "benches", flags=_BIND)
    os.chdir(root)
    _check(_LIBC.syscall(_SYS_PIVOT_ROOT[_MACHINE], b".", b"."), "pivot_root")
    _check(_LIBC.umount2(b".", _DETACH), "umount")
    os.chdir("/")
    _make_read_only(Path("/"), recursive=False)


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
    _mount(path, place, flags=_BIND | _REC)
    if path.parent != Path("/dev"):
        _make_read_only(place)


def _mount(source: Path | str, target: Path, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    _check(_LIBC.mount(encoded[0], encoded[1], encoded[2], flags, encoded[3]), f"mount {target}")


def _make_read_only(target: Path, *, recursive: bool = True) -> None:
    attributes = struct.pack("QQQQ", 1 | 2, 0, 0, 0)  # read-only, nosuid
    flags = 0x8000 if recursive else 0
    _check(
        _LIBC.syscall(_MOUNT_SETATTR, -1, os.fsencode(target), flags, attributes, len(attributes)), f"protect {target}"
    )


def _loopback_up() -> None:
    import fcntl

    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, UP | RUNNING


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


def _drop_capabilities() -> None:
    for number in range(64):
        if _LIBC.prctl(_CAPBSET_DROP, number, 0, 0, 0):
            break  # no such capability, or none to drop it with
    header, none = struct.pack("II", 0x20080522, 0), bytes(24)
    _check(_LIBC.syscall(_SYS_CAPSET[_MACHINE], header, none), "capset")


def _landlock(version: int, readable: Sequence[Path], writable: Sequence[Path]) -> None:
    files = (1 << 13) - 1
    files |= sum(bit for since, bit in ((2, 1 << 13), (3, 1 << 14), (5, 1 << 15)) if version >= since)
    scopes = 3 if version >= 6 else 0
    wanted = struct.pack("QQQ", files, 0, scopes)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = _check(_LIBC.syscall(_LANDLOCK_CREATE, wanted, len(wanted), 0), "landlock")
    reading = 1 | 4 | 8
    for paths, allowed in ((readable, reading), (writable, files)):
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                held = os.open(path, os.O_PATH | os.O_CLOEXEC)
                rights = allowed if path.is_dir() else allowed & (1 | 2 | 4 | 1 << 14 | 1 << 15)
                rule = struct.pack("=QI", rights & files, held)
                _check(_LIBC.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0), f"landlock {path}")
                os.close(held)
    _check(_LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "landlock")
    os.close(ruleset)


_REFUSED = {
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272)},
    **{"mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51)},
    **{"unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280), "perf_event_open": (298, 241)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "userfaultfd": (323, 282)},
    **{"kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105)},
    **{"finit_module": (313, 273), "delete_module": (176, 106), "open_by_handle_at": (304, 265)},
    **{"name_to_handle_at": (303, 264), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225)},
    **{"sethostname": (170, 161), "setdomainname": (171, 162), "syslog": (103, 116), "quotactl": (179, 60)},
    **{"acct": (163, 89), "settimeofday": (164, 170), "clock_settime": (227, 112), "personality": (135, 92)},
    **{name: (number, number) for name, number in {
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
        "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442,
    }.items()},
}  # fmt: skip
"""System calls that no exercise needs and that walls have been climbed with: numbers on x86_64 and aarch64."""
_CLONE, _CLONE3, _SOCKET = {"x86_64": (56, 435, 41), "aarch64": (220, 435, 198)}.get(_MACHINE, (0, 0, 0))
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


def _filter_calls(*, may_connect: bool) -> None:
    program = _filter(may_connect)
    steps = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    _check(_LIBC.prctl(_SECCOMP, 2, header, 0, 0), "seccomp")


@functools.cache
def _filter(may_connect: bool) -> bytes:
    column = 0 if _MACHINE == "x86_64" else 1
    refuse = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    families = [socket.AF_UNIX, socket.AF_INET, socket.AF_INET6] if may_connect else []
    spaces = _NEWNS | _NEWUTS | _NEWIPC | _NEWUSER | _NEWPID | _NEWNET | 0x02000000
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _ARCHITECTURE[_MACHINE]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    program += [(_AT_LEAST, 0, 1, 0x40000000), refuse]  # the x32 numbers would go round the list
    for numbers in _REFUSED.values():
        program += [(_EQUAL, 0, 1, numbers[column]), refuse]
    program += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    program += [(_EQUAL, 0, 4, _CLONE), (_LOAD, 0, 0, 16), (_ANY_BIT, 0, 1, spaces), refuse, allow]
    program += [(_EQUAL, 0, 3 + len(families), _SOCKET), (_LOAD, 0, 0, 16)]
    program += [(_EQUAL, len(families) - number, 0, family) for number, family in enumerate(families)]
    program += [refuse, allow, allow]
    return b"".join(struct.pack("HBBI", *step) for step in program)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise WallError(number, f"{what}: {os.strerror(number)}")
    return result

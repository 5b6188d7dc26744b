"""The calls to the Linux kernel that walls are made of, by ctypes. Each raises WallError where the kernel refuses.

Sources: namespaces(7), mount(2), mount_setattr(2), pivot_root(2), landlock(7), seccomp(2), capabilities(7).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import functools
import os
import platform
import signal
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    *(0x00020000, 0x04000000, 0x08000000),
    *(0x10000000, 0x20000000, 0x40000000),
)
RDONLY, NOSUID, NODEV, NOEXEC, BIND, REC, PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
_DETACH = 2
_PDEATHSIG, _SECCOMP, _CAPBSET_DROP, _NO_NEW_PRIVS = 1, 22, 24, 38
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
_MOUNT_SETATTR, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 442, 444, 445, 446
_MACHINE = platform.machine()


class WallError(OSError):
    """A wall could not be put up; the message names the step."""


def is_known() -> bool:
    """Whether the numbers of this machine's system calls are in the tables."""
    return _MACHINE in _SYS_CAPSET


def unshare(spaces: int) -> None:
    """Leave the namespaces in ``spaces`` for new ones."""
    _check(_LIBC.unshare(spaces), "unshare")


def enter(space: int, kind: int) -> None:
    """Let the children of this process be born in the namespace ``space``, an open file of ``kind``."""
    _check(_LIBC.setns(space, kind), "setns")


def die_with_parent() -> None:
    """Be killed when the parent of this process ends."""
    _check(_LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def forbid_new_privileges() -> None:
    """Let no program that this process starts have more rights than it."""
    _check(_LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")


def move_root(root: Path) -> None:
    """Make ``root``, a mount, the root of this mount namespace, and let go of the old one."""
    os.chdir(root)
    _check(_LIBC.syscall(_SYS_PIVOT_ROOT[_MACHINE], b".", b"."), "pivot_root")
    _check(_LIBC.umount2(b".", _DETACH), "umount")
    os.chdir("/")


def landlock_version() -> int:
    """The version of Landlock that the kernel speaks; 0 for none."""
    version: int = _LIBC.syscall(_LANDLOCK_CREATE, None, 0, 1)
    return max(0, version)


def mount(source: Path | str, target: Path, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    _check(_LIBC.mount(encoded[0], encoded[1], encoded[2], flags, encoded[3]), f"mount {target}")


def make_read_only(target: Path, *, recursive: bool = True) -> None:
    attributes = struct.pack("QQQQ", 1 | 2, 0, 0, 0)  # read-only, nosuid
    flags = 0x8000 if recursive else 0
    _check(
        _LIBC.syscall(_MOUNT_SETATTR, -1, os.fsencode(target), flags, attributes, len(attributes)), f"protect {target}"
    )


def loopback_up() -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, UP | RUNNING


def drop_capabilities() -> None:
    for number in range(64):
        if _LIBC.prctl(_CAPBSET_DROP, number, 0, 0, 0):
            break  # no such capability, or none to drop it with
    header, none = struct.pack("II", 0x20080522, 0), bytes(24)
    _check(_LIBC.syscall(_SYS_CAPSET[_MACHINE], header, none), "capset")


def landlock(version: int, readable: Sequence[Path], writable: Sequence[Path]) -> None:
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


def filter_calls(*, may_connect: bool) -> None:
    program = call_filter(may_connect)
    steps = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    _check(_LIBC.prctl(_SECCOMP, 2, header, 0, 0), "seccomp")


@functools.cache
def call_filter(may_connect: bool) -> bytes:
    column = 0 if _MACHINE == "x86_64" else 1
    refuse = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    families = [socket.AF_UNIX, socket.AF_INET, socket.AF_INET6] if may_connect else []
    spaces = NEWNS | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET | 0x02000000
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

"""Single keys from a terminal, which is always given back as it was."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator

_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;]*[@-~]|O.|.)?")


class Keyboard:
    """Reads keys as they are pressed. A context manager; ``wake`` ends a wait from any thread.

    Ctrl-Z stops the program with the terminal as it was found, and takes it up again afterwards.
    """

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()
        self._waker, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        self._pressed: list[str] = []

    def __enter__(self) -> Keyboard:
        self._found = termios.tcgetattr(self._fd)
        self._handlers = {
            signal.SIGTSTP: signal.signal(signal.SIGTSTP, self._pause),
            signal.SIGWINCH: signal.signal(signal.SIGWINCH, lambda *_: self.wake()),
        }
        tty.setcbreak(self._fd)
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._found)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._waker)
        os.close(self._wake)

    def wake(self) -> None:
        """Let ``wait`` return with no key."""
        with contextlib.suppress(OSError):  # full, so it wakes anyway, or closed
            os.write(self._wake, b".")

    def wait(self) -> str | None:
        """The next key, None when woken, ``q`` when the terminal is gone. Arrows and the like are no keys."""
        if not self._pressed:
            ready, _, _ = select.select([self._fd, self._waker], [], [])
            if self._waker in ready:
                os.read(self._waker, 4096)
                return None
            read = os.read(self._fd, 64)
            self._pressed = list(_SEQUENCE.sub("", read.decode("latin-1")).lower()) if read else ["q"]
        return self._pressed.pop(0) if self._pressed else None

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Give the terminal back while another program uses it."""
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._found)
        try:
            yield
        finally:
            termios.tcflush(self._fd, termios.TCIFLUSH)
            tty.setcbreak(self._fd)

    def _pause(self, *_: object) -> None:
        with self.lent():
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTSTP)
            signal.signal(signal.SIGTSTP, self._pause)
        self.wake()

"""A git repository from a stranger: only its objects are read, through a repository of our own.

Git obeys what stands in a repository: hooks, filters, aliases, monitors, addresses to fetch what is missing from.
So git is never started in a repository that was handed in. It runs in an empty one made here, which borrows the
other's objects and knows nothing else of it, and it prints them; nothing is checked out, and no submodule visited.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from prodev.cohort.names import refuse_escape
from prodev.cohort.trees import MOST_ENTRIES, SKIPPED, Broken, Kind, nested

MOST_BYTES = 256 * 1024 * 1024
"""Of one file that git may write while it clones."""

MOST_PRINTED = 16 * 1024 * 1024
"""Bytes that git may print: a few small trees that hold one another can name a billion files."""

CLONE_S = 120
READ_S = 20

_ADDRESS = re.compile(r"(https?|ssh|git)://|[\w.-]+@[\w.-]+:")
_COMMIT = re.compile(r"[0-9a-f]{7,40}|[0-9a-f]{64}")
_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCH = re.compile(r"[\w.][\w./+-]{0,200}")


def is_address(text: str) -> bool:
    """Whether ``text`` names a repository on another machine."""
    return _ADDRESS.match(text) is not None


def objects_of(folder: Path) -> Path | None:
    """The git folder of the repository at ``folder``, bare or not; None where there is none."""
    for place in (folder / ".git", folder):
        if (place / "HEAD").is_file() and (place / "objects").is_dir() and (place / "refs").is_dir():
            return place
    return None


class GitTree:
    """The files of one commit. ``commit`` is its full name, ``at`` its time (UTC) by the clock of who made it."""

    def __init__(self, git: Path, wanted: str = "", *, scratch: Path) -> None:
        """Read ``wanted`` (a commit or a branch; by default what HEAD names) from the git folder ``git``.

        ``scratch`` is an empty folder of ours to keep the borrowing repository in. Raises Broken.
        """
        self._ours = scratch / "borrowed"
        _git("init", "--quiet", "--bare", "--template=", str(self._ours))
        _refuse_borrowing(git)
        alternates = self._ours / "objects" / "info" / "alternates"
        alternates.parent.mkdir(parents=True, exist_ok=True)
        objects = str((git / "objects").resolve())
        if "\n" in objects or objects.startswith(("#", '"')):
            raise Broken("The path of the repository holds characters that git cannot borrow from.")
        alternates.write_text(objects + "\n", encoding="utf-8")
        self.commit = self._resolve(git, wanted)
        self.at = self._time()
        self._blobs: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._reader: _Blobs | None = None
        self._folders = nested(self._list())

    def children(self, folder: str) -> dict[str, Kind]:
        return self._folders.get(folder, {})

    def read(self, path: str, *, most: int) -> bytes:
        blob = self._blobs[path]
        if self._sizes[path] > most:
            return b"\n" * most  # whoever reads refuses it for its size
        if self._reader is None:
            self._reader = _Blobs(self._ours)
        return self._reader.read(blob)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _resolve(self, git: Path, wanted: str) -> str:
        if wanted and _COMMIT.fullmatch(wanted):
            named = wanted
        else:
            named = _hash_of(git, f"refs/heads/{wanted}" if wanted else "HEAD", wanted or "HEAD")
        try:
            return self._ask("rev-parse", "--verify", "--quiet", f"{named}^{{commit}}").decode().strip()
        except Broken:
            raise Broken(f"There is no commit {wanted or named} in the repository.") from None

    def _time(self) -> datetime:
        head = self._ask("cat-file", "commit", self.commit).partition(b"\n\n")[0]  # 'show' wants its parents too
        found = re.search(rb"^committer .*> (\d{1,12}) [+-]\d{4}$", head, re.MULTILINE)
        try:
            return datetime.fromtimestamp(int(found[1]) if found else -1, UTC)
        except (ValueError, OverflowError, OSError):
            raise Broken(f"Commit {self.commit[:10]} carries no readable time.") from None

    def _list(self) -> dict[str, Kind]:
        kinds: dict[str, Kind] = {}
        for line in filter(None, self._ask("ls-tree", "-r", "-l", "-z", "--full-tree", self.commit).split(b"\0")):
            about, _, raw = line.partition(b"\t")
            mode, kind, name, size = about.decode().split()
            path = raw.decode("utf-8", "surrogateescape")
            refuse_escape(path)
            if not SKIPPED.isdisjoint(path.split("/")):
                continue
            if len(kinds) >= MOST_ENTRIES:
                raise Broken(f"The commit holds more than {MOST_ENTRIES} files.")
            kinds[path] = "other" if kind != "blob" else "link" if mode == "120000" else "file"
            if kinds[path] == "file":
                self._blobs[path], self._sizes[path] = name, int(size)
        return kinds

    def _ask(self, *arguments: str) -> bytes:
        return _git(f"--git-dir={self._ours}", *arguments)


def clone(address: str, *, scratch: Path) -> Path:
    """Clone from another machine, without checking anything out, and return the git folder. Raises Broken."""
    place = scratch / "clone.git"
    try:
        options = ("--quiet", "--bare", "--no-tags", "--template=")
        _git("clone", *options, "--", address, str(place), seconds=CLONE_S, own_settings=True)
    except Broken:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return place


def _refuse_borrowing(git: Path) -> None:
    """Raise Broken for a repository that reaches into another one, which may be somebody else's work."""
    objects = git / "objects"
    inside = [git, git / "refs", git / "refs" / "heads", objects, *objects.iterdir(), *(objects / "pack").glob("*")]
    if any(path.is_symlink() for path in inside) or (objects / "info" / "alternates").exists():
        raise Broken("The repository borrows from another one. Hand in one that holds all that it needs.")


def _hash_of(git: Path, ref: str, said: str) -> str:
    """The commit that ``ref`` names, read from the files git keeps it in; git itself would read the rest as well."""
    for _ in range(5):
        if ".." in ref or not _BRANCH.fullmatch(ref):
            break
        text = _text(git / ref)
        if text.startswith("ref: refs/"):
            ref = text.removeprefix("ref: ")
        elif _FULL.fullmatch(text):
            return text
        else:
            lines = (line.partition(" ") for line in _text(git / "packed-refs").splitlines())
            packed = {name: commit for commit, _, name in lines}
            if _FULL.fullmatch(packed.get(ref, "")):
                return packed[ref]
            break
    raise Broken(f"The repository has no commit at {said}.")


def _text(path: Path) -> str:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(file, "rb") as stream:
            return stream.read(1 << 22).decode("utf-8", "replace").strip()
    except OSError:
        return ""


class _Blobs:
    """One ``git cat-file`` that prints blobs as they are asked for."""

    def __init__(self, ours: Path) -> None:
        command = _command(f"--git-dir={ours}", "cat-file", "--batch")
        self._git = subprocess.Popen(
            command, env=_surroundings(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def read(self, blob: str) -> bytes:
        """The content of ``blob``. Raises Broken."""
        assert self._git.stdin is not None
        assert self._git.stdout is not None
        watch = threading.Timer(READ_S, self._git.kill)
        watch.start()
        try:
            self._git.stdin.write(f"{blob}\n".encode())
            self._git.stdin.flush()
            header = self._git.stdout.readline().split()
            if len(header) != 3:
                raise Broken(f"The repository is damaged: it has no content for {blob}.")
            content = self._git.stdout.read(int(header[2]) + 1)
        except OSError:
            raise Broken(f"The repository is damaged: git ended while it read {blob}.") from None
        finally:
            watch.cancel()
        if len(content) != int(header[2]) + 1:
            raise Broken(f"The repository is damaged: git ended while it read {blob}.")
        return content[:-1]

    def close(self) -> None:
        """End it."""
        self._git.kill()
        self._git.communicate()


def _git(*arguments: str, seconds: float = READ_S, own_settings: bool = False) -> bytes:
    """Run git, which nobody answers, and return what it prints. Raises Broken when it fails, or prints too much."""
    with tempfile.TemporaryFile() as errors:
        try:
            git = subprocess.Popen(
                _command(*arguments),
                env=_surroundings(own_settings=own_settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise Broken("This machine has no git.") from None
        watch = threading.Timer(seconds, os.killpg, (git.pid, signal.SIGKILL))
        watch.start()
        with git:
            assert git.stdout is not None
            printed = git.stdout.read(MOST_PRINTED + 1)
            if len(printed) > MOST_PRINTED:
                git.kill()
            git.wait()
            watch.cancel()
        if len(printed) > MOST_PRINTED:
            raise Broken("The commit holds more files than anybody would hand in.")
        if git.returncode == -signal.SIGKILL:
            raise Broken(f"git did not end within {seconds:.0f} s and was stopped.")
        if git.returncode:
            errors.seek(0)
            said = errors.read(4000).decode("utf-8", "replace").strip().splitlines()
            raise Broken(f"git says: {said[-1] if said else f'exit code {git.returncode}'}")
        return printed


def _command(*arguments: str) -> list[str]:
    settings = [
        *("core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false"),
        *("core.commitGraph=false", "core.multiPackIndex=false"),  # what the objects say counts, and no index of them
    ]
    limited = ["sh", "-c", f'ulimit -f {MOST_BYTES // 512} && exec "$@"', "sh", "git"]
    return [*limited, *(part for each in settings for part in ("-c", each)), *arguments]


def _surroundings(*, own_settings: bool = False) -> dict[str, str]:
    """The environment git runs in: nobody's settings, or the mentor's (who alone may know the password)."""
    kept = ("PATH", "HOME", "SSH_AUTH_SOCK", "HTTPS_PROXY", "https_proxy", "XDG_CONFIG_HOME", "GH_TOKEN")
    nobodys = {"HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **({} if own_settings else nobodys),
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:git",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
    }

"""Do what a test asks of the candidate's code, and say what came of it, in plain data.

Runs in the candidate's process (``worker``), or in the test's own under ``--candidate=inline``.
Standard library only: whatever is imported here, every worker carries.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any, ClassVar

from prodev.grading.wire import Raised, Remote, decode, encode

AskBack = Callable[[int, Any, Any], dict[str, Any]]

_STREAM_BYTES = 256 * 1024
_FILE_BYTES = 256 * 1024
_MOST_FILES = 200
_CHAIN = 5
_PROBES: dict[tuple[Path, int], CodeType] = {}


class Performer:
    """The candidate's code in ``tree``, at the service of ``perform``.

    ``probes`` is the suite's ``probes.py`` (or None), ``app`` the ``module:attribute`` of a WSGI
    application, ``folder`` where programs run, ``ask_back`` the way to the functions that a test
    passed along: it takes a number, arguments and keywords in plain data and returns a reply.
    """

    def __init__(self, *, tree: Path, folder: Path, probes: Path | None, app: str | None, ask_back: AskBack) -> None:
        self.tree = tree
        self.folder = folder
        self._app_name = app
        self._ask_back = ask_back
        self._asking = threading.Lock()
        self._app: Callable[..., Any] | None = None
        self._probes_code = read_probes(probes) if probes else None
        self._probes = _fresh_probes(self._probes_code)
        sys.path.insert(0, str(tree))
        sys.path_importer_cache[str(tree)] = FileFinder(str(tree), (_KeepingLoader, SOURCE_SUFFIXES))
        self._has_begun = False

    def prepare(self, modules: list[str], app: bool) -> None:
        """Import the candidate's ``modules``, and its application. Raises whatever that raises."""
        importlib.invalidate_caches()
        for name in modules:
            importlib.import_module(name)
        if app:
            self._load_app()

    def forget(self) -> None:
        """Begin again as if nothing had been asked; what the candidate left elsewhere is ``slate``'s to remove."""
        self._app = None
        self._has_begun = False
        self._probes = _fresh_probes(self._probes_code)

    def perform(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request: ``{"value": …}``, ``{"raised": …}`` or ``{"broken": sentence}``."""
        if not self._has_begun:
            self._has_begun = True
            importlib.invalidate_caches()  # the tree may have been laid out since this process began
        verbs = {"call": self._call, "probe": self._probe, "http": self._http, "run": self._run}
        try:
            return verbs[request["verb"]](request)
        except Broken as error:
            return {"broken": str(error)}
        except BaseException as error:
            return {"raised": encode(self.describe(error))}

    def describe(self, error: BaseException, depth: int = 0) -> Raised:
        """Turn an exception into plain data, whatever its own methods do."""
        bases = tuple(base.__name__ for base in type.mro(type(error))[1:-1])
        chained = error.__cause__
        cause = self.describe(chained, depth + 1) if chained is not None and depth < _CHAIN else None
        return Raised(type(error).__name__, _message_of(error), self._place(error), bases, cause)

    def _place(self, error: BaseException) -> str:
        if isinstance(error, SyntaxError) and error.filename:
            return f"{self._relative(error.filename) or error.filename} line {error.lineno}"
        place, step = "", error.__traceback__
        while isinstance(step, TracebackType):
            name = self._relative(step.tb_frame.f_code.co_filename)
            place = f"{name} line {step.tb_lineno}" if name else place
            step = step.tb_next
        return place

    def _relative(self, filename: str) -> str | None:
        root = f"{self.tree}{os.sep}"
        return filename.removeprefix(root) if filename.startswith(root) else None

    def _import(self, name: str) -> ModuleType:
        try:
            return importlib.import_module(name)
        except BaseException as error:
            file = f"{name.replace('.', '/')}.py"
            raise Broken(f"{file} does not import. {self.describe(error)}") from error

    def _target(self, target: str) -> Any:
        module_name, _, path = target.partition(":")
        found: Any = self._import(module_name)
        for part in path.split("."):
            if not hasattr(found, part):
                file = f"{module_name.replace('.', '/')}.py"
                raise Broken(f"{file} has no '{path}': the suite calls it by that name, so keep it.")
            found = getattr(found, part)
        return found

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        function = self._target(request["target"])
        args = [self._stand_in(arg) for arg in decode(request["args"])]
        kwargs = {key: self._stand_in(arg) for key, arg in decode(request["kwargs"]).items()}
        return {"value": encode(_settle(function(*args, **kwargs)))}

    def _probe(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._probes is None:
            raise Broken("This suite has no probes.py.")
        for name in request["imports"]:
            self._import(name)
        probe = getattr(self._probes, request["name"])
        given = {key: self._stand_in(arg) for key, arg in decode(request["given"]).items()}
        return {"value": encode(_settle(probe(**given)))}

    def _stand_in(self, value: Any) -> Any:
        """Make a function out of a Remote: what it is called with goes to the test, what it returns comes back."""
        if not isinstance(value, Remote):
            return value

        def ask(*args: Any, **kwargs: Any) -> Any:
            with self._asking:
                reply = self._ask_back(value.number, encode(list(args)), encode(kwargs))
            if "raise" in reply:
                name, message = reply["raise"]
                raise self._target(name)(message)
            return decode(reply["value"])

        async def ask_and_wait(*args: Any, **kwargs: Any) -> Any:
            import asyncio

            await asyncio.sleep(0)
            return ask(*args, **kwargs)

        return ask_and_wait if value.awaitable else ask

    def _http(self, request: dict[str, Any]) -> dict[str, Any]:
        from prodev.grading.wsgi import exchange

        answer, error = exchange(self._load_app(), request)
        answer["raised"] = self.describe(error) if error else None
        return {"value": encode(answer)}

    def _load_app(self) -> Callable[..., Any]:
        from prodev.grading.wsgi import load

        if self._app is None:
            module, _, attribute = (self._app_name or ":").partition(":")
            self._import(module)
            self._app = load(module, attribute)
        return self._app

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        before = self._lay_out(decode(request["files"]))
        ended = _run_program(request["argv"], self.folder, request["env"], decode(request["stdin"]))
        ended["files"] = _files_made(self.folder, before)
        return {"value": encode(ended)}

    def _lay_out(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """Put the candidate's files and the test's into the folder; remember what stood there."""
        placed: dict[str, bytes] = {}
        for path in sorted(self.tree.rglob("*")):
            if path.is_file():
                placed[path.relative_to(self.tree).as_posix()] = path.read_bytes()
        for name, content in placed.items():
            _write(self.folder / name, content, executable=name.endswith(".sh"))
        for name, content in files.items():
            _write(self.folder / name, content)
        return placed


class Broken(Exception):
    """The candidate's code cannot be used at all; the message is a sentence for the learner."""


class _KeepingLoader(SourceFileLoader):
    """Reads and compiles each file once, however often it is imported anew."""

    codes: ClassVar[dict[str, CodeType | None]] = {}

    def get_code(self, fullname: str) -> CodeType | None:
        if self.path not in self.codes:
            self.codes[self.path] = super().get_code(fullname)
        return self.codes[self.path]


def read_probes(path: Path) -> CodeType:
    """Compile the suite's probes, once for a process and those that are forked of it."""
    key = (path, path.stat().st_mtime_ns)
    if key not in _PROBES:
        _PROBES[key] = compile(path.read_bytes(), path, "exec", dont_inherit=True)
    return _PROBES[key]


def _fresh_probes(code: CodeType | None) -> ModuleType | None:
    """The probes as a module in which nothing has happened."""
    if code is None:
        return None
    module = ModuleType("probes")
    module.__file__ = code.co_filename
    exec(code, vars(module))
    return module


def _message_of(error: BaseException) -> str:
    try:
        if isinstance(error, SyntaxError):
            return f"{error.msg}: {(error.text or '').strip()[:120]}".removesuffix(": ")
        return str(error)[:600]
    except BaseException as worse:
        return f"<its message could not be read: {type(worse).__name__}>"


def _settle(value: Any) -> Any:
    """Run a coroutine to its end; anything else is already there."""
    if not inspect.iscoroutine(value):
        return value
    import asyncio  # only here: each process that has it carries thirty more modules, and most need none

    return asyncio.run(value)


def _write(path: Path, content: bytes, *, executable: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if executable:
        path.chmod(0o755)


def _run_program(argv: list[str], folder: Path, env: dict[str, str], stdin: bytes) -> dict[str, Any]:
    with contextlib.ExitStack() as opened:
        streams = [opened.enter_context(_scratch_file(folder)) for _ in range(2)]
        program = subprocess.Popen(
            argv, cwd=folder, env=os.environ | env, stdin=subprocess.PIPE, stdout=streams[0], stderr=streams[1]
        )
        with contextlib.suppress(BrokenPipeError):
            program.communicate(stdin)
        return {
            "exit_code": program.returncode,
            "killed_by": signal.Signals(-program.returncode).name if program.returncode < 0 else None,
            "stdout": _head(streams[0]),
            "stderr": _head(streams[1]),
        }


def _scratch_file(folder: Path) -> Any:
    import tempfile

    return tempfile.TemporaryFile(dir=folder)


def _head(stream: io.BufferedRandom) -> str:
    stream.seek(0)
    return stream.read(_STREAM_BYTES).decode("utf-8", "replace")


def _files_made(folder: Path, before: dict[str, bytes]) -> dict[str, str]:
    made: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if len(made) < _MOST_FILES and path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                content = stream.read(_FILE_BYTES)
            if before.get(name) != content:
                made[name] = content.decode("utf-8", "replace")
    return made

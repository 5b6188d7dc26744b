"""What a suite sees of a candidate: five verbs that ask, and plain data that answers."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prodev.grading.functions import Functions
from prodev.grading.given import encode_given
from prodev.grading.servant import Ended, Overrun, Servant
from prodev.grading.wire import Raised, decode, encode


class CandidateFailed(AssertionError):
    """The candidate could not answer: it does not import, hangs, or ended its own process."""


@dataclasses.dataclass(frozen=True)
class Response:
    """What the candidate's web application answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    raised: Raised | None = None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Fails the test, with the beginning of the body, when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            reason = f"{self.raised}" if self.raised else self.text[:200]
            raise CandidateFailed(
                f"I expected JSON and your application answered {self.status} with: {reason}"
            ) from None


@dataclasses.dataclass(frozen=True)
class Finished:
    """How a program of the candidate's ended; ``files`` are those it made or changed, as text."""

    exit_code: int
    stdout: str
    stderr: str
    files: Mapping[str, str]
    killed_by: str | None = None


class Candidate:
    """The code under test, as the fixture ``candidate``.

    Each test begins with a process in which nothing has happened; ``fresh`` begins with such a one again.
    """

    def __init__(self, *, tree: Path, edit: Sequence[str], hire: Callable[[], Servant]) -> None:
        self._tree = tree
        self._edit = tuple(edit)
        self._hire = hire
        self._servant: Servant | None = None
        self.http = Http(self._ask)

    def call(self, target: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call ``module:function`` with plain data and return what it returns, or a Raised.

        A function among the arguments stays on this side: the candidate gets a stand-in that asks
        it, so what it counts cannot be forged. What it raises is raised there: a built-in exception,
        or ``Foreign`` for one of the candidate's. A coroutine is run to its end. Fails the test when
        the module does not import or has no such name, when the call overruns its time, or when the
        process ends under it.
        """
        functions = Functions()
        request = {
            "verb": "call",
            "target": target,
            "args": encode_given([functions.stand_in(arg) for arg in args]),
            "kwargs": encode_given({key: functions.stand_in(arg) for key, arg in kwargs.items()}),
        }
        answer = self._ask(request, f"called {_spelled(target.partition(':')[2], args, kwargs)}", functions)
        return decode(answer["raised"]) if "raised" in answer else decode(answer["value"])

    def probe(self, name: str, /, **given: Any) -> Any:
        """Run ``name(**given)`` of the suite's ``probes.py`` beside the candidate's code.

        Returns its observations. Functions among ``given`` stay on this side, as in ``call``.
        Fails the test when an exception leaves the probe.
        """
        modules = [path.removesuffix(".py") for path in self._edit if path.endswith(".py") and "/" not in path]
        functions = Functions()
        stand_ins = encode_given({key: functions.stand_in(arg) for key, arg in given.items()})
        request = {"verb": "probe", "name": name, "given": stand_ins, "imports": modules}
        doing = name.replace("_", " ")
        answer = self._ask(request, f"tried to {doing}", functions)
        if "raised" in answer:
            raise CandidateFailed(
                f"While I tried to {name.replace('_', ' ')}, your code raised {decode(answer['raised'])}."
            )
        return decode(answer["value"])

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: str | bytes = b"",
        files: Mapping[str, str | bytes] | None = None,
    ) -> Finished:
        """Run a program in a folder of its own that holds the candidate's files and ``files``."""
        request = {
            "verb": "run",
            "argv": list(argv),
            "env": dict(env or {}),
            "stdin": encode(_bytes(stdin)),
            "files": encode({name: _bytes(content) for name, content in (files or {}).items()}),
        }
        answer = self._ask(request, f"ran {' '.join(argv)}")
        if "raised" in answer:
            raise CandidateFailed(f"I could not run {' '.join(argv)}: {decode(answer['raised'])}.")
        return Finished(**decode(answer["value"]))

    def text(self, path: str) -> str:
        """The content of one of the candidate's files."""
        return (self._tree / path).read_text(encoding="utf-8")

    def fresh(self) -> None:
        """The next verb begins in a process with nothing remembered."""
        if self._servant is not None:
            self._servant.close()
            self._servant = None

    def _ask(self, request: dict[str, Any], did: str, functions: Functions | None = None) -> dict[str, Any]:
        if self._servant is None:
            self._servant = self._hire()
        try:
            answer = self._servant.ask(request, functions or Functions())
        except Overrun as error:
            self.fresh()
            raise CandidateFailed(f"I {did} and stopped waiting after {error}") from None
        except Ended as error:
            self.fresh()
            raise CandidateFailed(f"I {did} and your code {error}") from None
        if "broken" in answer:
            raise CandidateFailed(str(answer["broken"]))
        return answer


class Http:
    """A client of the candidate's web application."""

    def __init__(self, ask: Callable[[dict[str, Any], str], dict[str, Any]]) -> None:
        self._ask = ask

    def request(
        self, method: str, path: str, *, json_body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send one request; ``json_body`` is sent as JSON. Errors as ``Candidate.call``."""
        body = b"" if json_body is None else json.dumps(json_body).encode()
        sent = {"Content-Type": "application/json"} if json_body is not None else {}
        request = {
            "verb": "http",
            "method": method,
            "path": path,
            "headers": sent | dict(headers or {}),
            "body": base64.b64encode(body).decode(),
        }
        answer = self._ask(request, f"sent {method} {path}")
        if "raised" in answer:
            raise CandidateFailed(f"I sent {method} {path} and your application raised {decode(answer['raised'])}.")
        value = decode(answer["value"])
        return Response(
            value["status"], {key.lower(): text for key, text in value["headers"]}, value["body"], value["raised"]
        )

    def get(self, path: str, **options: Any) -> Response:
        """``request("GET", …)``."""
        return self.request("GET", path, **options)

    def post(self, path: str, json_body: Any = None, **options: Any) -> Response:
        """``request("POST", …)``."""
        return self.request("POST", path, json_body=json_body, **options)


def _spelled(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    parts = [repr(arg) for arg in args] + [f"{key}={value!r}" for key, value in kwargs.items()]
    text = f"{name}({', '.join(parts)})"
    return text if len(text) <= 160 else text[:157] + "…)"


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content

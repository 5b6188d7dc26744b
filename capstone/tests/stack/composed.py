"""The composed stack, under a project name of its own, so that it stands beside another one."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from subprocess import PIPE, STDOUT
from typing import Any, TypeVar

from staybook_dev.engines import ROOT, free_port

T = TypeVar("T")

PATIENCE_S = 60.0
_HERE = Path(__file__).parent
_FAREWELL = ("", "worker: Warm shutdown (MainProcess)")
"""What Celery prints past every logger when it is told to end."""
_BROKERS = {"rabbitmq": "amqp://guest:guest@rabbitmq:5672//", "redis": "redis://redis:6379/2"}


def engine_is_missing() -> str:
    """Why no stack can be composed here; empty when it can."""
    if shutil.which("docker") is None:
        return "There is no docker here."
    for question in (["docker", "info"], ["docker", "compose", "version"]):
        done = subprocess.run(question, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"`{' '.join(question)}` says: {(done.stderr or done.stdout).strip().splitlines()[-1]}"
    return ""


def until(look: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """What ``look`` returns, once that is true, or after all of our patience."""
    end = time.monotonic() + patience_s
    while not (seen := look()) and time.monotonic() < end:
        time.sleep(0.2)
    return seen


class Stack:
    """Every service of the profile, in development's settings or in production's, with this broker or that."""

    project = "staybook-stack"

    def __init__(self) -> None:
        key = token_urlsafe(48)
        self._ports = {"STAYBOOK_PORT": str(free_port()), "FAKEGATEWAY_PORT": str(free_port())}
        self._secrets = {name: f"{name}{key}" for name in ("STACK_SECRET_KEY", "STACK_JWT_KEY", "STACK_GATEWAY_KEY")}
        self._files = ["elsewhere.yml"]
        self._broker = "rabbitmq"

    @property
    def site(self) -> str:
        """Where a browser finds it."""
        return f"{'https' if self.is_production else 'http'}://localhost:{self._ports['STAYBOOK_PORT']}"

    @property
    def gateway(self) -> str:
        """Where the fake gateway's pages are, its control and its mail."""
        return f"http://localhost:{self._ports['FAKEGATEWAY_PORT']}"

    @property
    def metrics_token(self) -> str:
        return self._secrets["STACK_GATEWAY_KEY"]

    @property
    def is_production(self) -> bool:
        return "production.yml" in self._files

    @property
    def trust(self) -> ssl.SSLContext | bool:
        """What a client checks the site's certificate with."""
        if not self.is_production:
            return True
        return ssl.create_default_context(cadata=self.compose("exec", "-T", "proxy", "cat", "/tls/certificate.pem"))

    def up(self, *, production: bool, broker: str = "rabbitmq") -> float:
        """Build, and start what is not as it is to be; seconds until all of it was healthy."""
        self._files = ["elsewhere.yml", *(["production.yml"] if production else [])]
        self._broker = broker
        began = time.monotonic()
        self.compose("up", "--detach", "--build", "--wait", "--wait-timeout", "540", "--remove-orphans")
        return time.monotonic() - began

    def down(self) -> None:
        """Take all of it away, with its data, in whichever settings it was."""
        self._files = ["elsewhere.yml", "production.yml"]
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "10")

    def compose(self, *arguments: str) -> str:
        """What ``docker compose`` prints. Raises AssertionError, with what it complained of."""
        files = [str(ROOT.parent / "docker-compose.yml"), *(str(_HERE / name) for name in self._files)]
        command = ["compose", "--project-name", self.project, "--profile", "capstone"]
        command += [text for file in files for text in ("--file", file)]
        return docker(*command, *arguments, **self._ports, **self._secrets, STACK_BROKER_URL=_BROKERS[self._broker])

    @contextmanager
    def without(self, service: str) -> Iterator[None]:
        """Meanwhile it is stopped; afterwards all is well again."""
        self.compose("stop", service)
        try:
            yield
        finally:
            self.compose("up", "--detach", "--wait", "--no-recreate", service)

    def containers(self, service: str) -> list[str]:
        """The ids of a service's containers."""
        return self.compose("ps", "--quiet", service).split()

    def states(self) -> dict[str, str]:
        """What the health checks say, by service."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {each["Service"]: each["Health"] or each["State"] for each in map(json.loads, lines)}

    def log(self, service: str) -> list[dict[str, Any]]:
        """Every line that a service wrote. Fails on one that is not JSON."""
        commands = [["docker", "logs", container] for container in self.containers(service)]
        written = [subprocess.run(one, stdout=PIPE, stderr=STDOUT, text=True, check=True).stdout for one in commands]
        lines = "".join(written).splitlines()
        facts = [line for line in lines if line not in _FAREWELL]
        strange = [line for line in facts if not line.startswith("{")]
        assert not strange, f"{service} writes what is not JSON: {strange[:20]}"
        return [json.loads(line) for line in facts]


def docker(*arguments: str, **environment: str) -> str:
    """What ``docker`` prints. Raises AssertionError, with what it complained of."""
    done = subprocess.run(
        ["docker", *arguments], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout

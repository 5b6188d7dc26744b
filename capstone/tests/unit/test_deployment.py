"""The image and the stack, held against what they promise; nothing here starts them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from staybook.config.env import Environment

CAPSTONE = Path(__file__).parents[2]
DOCKERFILE = (CAPSTONE / "Dockerfile").read_text()
SERVICES = {
    name: service
    for name, service in yaml.safe_load((CAPSTONE.parent / "docker-compose.yml").read_text())["services"].items()
    if service["profiles"] == ["capstone"]
}
ROLES = {"staybook-web", "staybook-relay", "staybook-worker", "staybook-beat", "fakegateway"}


class Overlay(yaml.SafeLoader):
    """Reads what one compose file takes away of another."""


Overlay.add_constructor("!reset", lambda *_: None)
every_service = pytest.mark.parametrize("name", sorted(ROLES))


def test_every_role_has_a_service():
    assert set(SERVICES) == ROLES


@every_service
def test_a_service_is_checked(name):
    assert {"test", "interval", "timeout", "retries"} <= set(SERVICES[name]["healthcheck"])


@every_service
def test_a_service_may_do_little(name):
    service = SERVICES[name]

    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in service["security_opt"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@every_service
def test_what_the_environment_says_is_known(name):
    known = {field.upper() for field in Environment.model_fields}

    assert set(SERVICES[name]["environment"]) <= known


@pytest.mark.parametrize("name", sorted(ROLES - {"fakegateway"}))
def test_the_stack_behind_a_proxy_has_all_that_production_asks_for(name, monkeypatch):
    overlay = yaml.load((CAPSTONE / "tests/stack/production.yml").read_text(), Overlay)["services"]
    said = SERVICES[name]["environment"] | overlay[name]["environment"]
    for variable, value in said.items():
        monkeypatch.setenv(variable, re.sub(r"\$\{\w+:\?\}", "x" * 50, value))

    assert set(said) <= {field.upper() for field in Environment.model_fields}
    assert Environment().is_production


def test_the_site_answers_to_the_name_that_webhooks_are_sent_to():
    gateway = SERVICES["fakegateway"]["command"]
    shop = urlsplit(gateway[gateway.index("--shop") + 1]).hostname

    assert shop in SERVICES["staybook-web"]["environment"]["ALLOWED_HOSTS"].split(",")


@pytest.mark.parametrize(
    ("broker", "port"), [("amqp://guest:guest@rabbitmq:5672//", 5672), ("redis://redis:6379/0", 6379)]
)
@pytest.mark.parametrize("name", ["staybook-worker", "staybook-beat"])
def test_who_serves_a_broker_is_healthy_while_connected_to_it(name, broker, port, tmp_path):
    """Whichever BROKER_URL names: the check is run here, on a table of connections of our own."""
    *shell, check = SERVICES[name]["healthcheck"]["test"][1:]
    table = tmp_path / "tcp"
    command = [*shell, check.replace("$$", "$").replace("/proc/net/tcp", str(table))]

    def is_healthy(remote_port, state):
        table.write_text(f"   0: 050011AC:9C40 020011AC:{remote_port:04X} {state} 00000000:00000000\n")
        return subprocess.run(command, env=os.environ | {"BROKER_URL": broker}, check=False).returncode == 0

    assert is_healthy(port, "01")
    assert not is_healthy(port, "06")
    assert not is_healthy(5432, "01")


def test_who_needs_the_tables_waits_for_the_one_that_makes_them():
    waiting = {name for name, service in SERVICES.items() if "staybook-web" in service["depends_on"]}

    assert "migrate" in SERVICES["staybook-web"]["command"][-1]
    assert waiting == ROLES - {"staybook-web", "fakegateway"}


def test_the_image_runs_as_nobody_in_particular_and_keeps_no_secret():
    stages = DOCKERFILE.split("\nFROM ")

    assert len(stages) == 3
    assert re.findall(r"^USER (.+)$", stages[-1], re.MULTILINE) == ["61200"]
    assert not re.search(r"^(ENV|ARG).*(KEY|SECRET|PASSWORD)", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^ARG PYTHON=python:3\.\d+-slim-[a-z]+$", DOCKERFILE, re.MULTILINE)


def test_the_build_is_sent_what_it_copies_and_no_more():
    ignored = (CAPSTONE / "Dockerfile.dockerignore").read_text().splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)

    assert "*" in ignored
    assert sent == {name for names in copied for name in names.split()}
    assert all((CAPSTONE.parent / name).exists() for name in sent)

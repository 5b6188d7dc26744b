"""The image and the stack, held against what they promise; nothing here starts them."""

from __future__ import annotations

import re
from pathlib import Path

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

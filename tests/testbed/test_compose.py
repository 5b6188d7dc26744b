"""docker-compose.yml, held against the Compose specification and the promises it makes; nothing here starts it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from prodev.cohort import container

FILE = Path(__file__).parents[2] / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = {
    name: service for name, service in COMPOSE["services"].items() if service["profiles"] != ["capstone"]
}
"""All but the capstone's own, which its tests hold."""
KNOWN_KEYS = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "hostname", "image", "init",
    "mem_limit", "pids_limit", "ports", "profiles", "read_only", "restart", "security_opt", "shm_size",
    "stop_grace_period", "tmpfs",
}  # fmt: skip
STANDARD_PORTS = {"postgres": 5432, "redis": 6379, "rabbitmq": 5672, "mysql": 3306, "memcached": 11211}
GRADER = SERVICES["grader"]

every_service = pytest.mark.parametrize("name", sorted(SERVICES))
every_foreign_service = pytest.mark.parametrize("name", sorted(STANDARD_PORTS))


def test_only_keys_of_the_specification_are_used_and_no_version() -> None:
    unknown = {key for service in SERVICES.values() for key in service} - KNOWN_KEYS

    assert set(COMPOSE) == {"name", "services", "x-staybook", "volumes"}
    assert unknown == set()


def test_each_service_that_the_testbed_names_is_there_and_graders_and_no_other() -> None:
    assert set(SERVICES) == {*STANDARD_PORTS, "grader"}


@every_foreign_service
def test_the_image_is_pinned_to_a_patch_release(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")

    assert image == name
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?(-[a-z]+)?", tag), tag


@every_foreign_service
def test_the_port_is_published_on_this_machine_alone(name: str) -> None:
    port = STANDARD_PORTS[name]

    assert SERVICES[name]["ports"] == [f"127.0.0.1:{port}:{port}"]


@every_service
def test_a_health_check_says_what_it_runs_and_when_it_gives_up(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert all(isinstance(part, str) for part in check["test"])
    assert {"interval", "timeout", "retries"} <= set(check)
    assert all(re.fullmatch(r"\d+s", check[key]) for key in ("interval", "timeout"))


@every_service
def test_a_command_is_a_list_of_strings(name: str) -> None:
    command = SERVICES[name].get("command", [])

    assert all(isinstance(part, str) for part in command)


def test_each_service_has_its_profiles() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items()}

    assert profiles == {
        "postgres": ["services", "capstone"],
        "redis": ["services", "grading", "capstone"],
        "rabbitmq": ["services", "capstone"],
        "mysql": ["mysql"],
        "memcached": ["memcached"],
        "grader": ["grading"],
    }


def test_graders_are_built_from_the_file_that_isolation_docker_names() -> None:
    assert GRADER["image"] == container.IMAGE
    assert FILE.parent / GRADER["build"]["context"] / GRADER["build"]["dockerfile"] == container.DOCKERFILE


def test_a_grader_serves_the_redis_beside_it_and_insists_on_walls() -> None:
    program, verb, *options = GRADER["command"]

    assert (program, verb) == ("prodev", "worker")
    assert dict(zip(options[::2], options[1::2], strict=True)) == {
        "--broker": "redis://redis:6379/0",
        "--isolation": "required",
    }
    assert GRADER["depends_on"] == {"redis": {"condition": "service_healthy"}}


def test_a_grader_is_given_nothing_of_this_machine() -> None:
    assert not {"ports", "volumes", "environment", "privileged", "network_mode"} & set(GRADER)
    assert (GRADER["read_only"], GRADER["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in GRADER["security_opt"]


def test_a_grader_is_healthy_while_it_is_connected_to_the_broker() -> None:
    _, port = GRADER["command"][3].removesuffix("/0").rsplit(":", 1)

    assert f":{int(port):04X} 01 " in GRADER["healthcheck"]["test"]


def test_the_image_is_made_of_what_the_build_is_sent() -> None:
    """What .dockerignore lets through is what the Dockerfile copies, and it runs as nobody in particular."""
    ignored = (FILE.parent / ".dockerignore").read_text(encoding="utf-8").splitlines()
    dockerfile = container.DOCKERFILE.read_text(encoding="utf-8")
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)

    assert "*" in ignored
    assert sent == {name for names in copied for name in names.split()}
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["61000:61000"]
    assert re.search(r"^ARG PYTHON=python:3\.\d+-slim-[a-z]+$", dockerfile, re.MULTILINE)


def test_postgres_takes_the_credentials_that_the_testbed_tries() -> None:
    from prodev.testbed import postgres

    environment = SERVICES["postgres"]["environment"]

    assert environment["POSTGRES_USER"] == postgres.STANDARD["user"]
    assert environment["POSTGRES_PASSWORD"] == postgres.STANDARD["password"]
    assert SERVICES["postgres"]["ports"] == [f"{postgres.STANDARD['host']}:{postgres.STANDARD['port']}:5432"]


def test_the_remedy_names_a_profile_of_this_file() -> None:
    from prodev.testbed import unavailable

    named = re.findall(r"--profile (\S+)", unavailable.START_SERVICES)

    assert set(named) <= {profile for service in SERVICES.values() for profile in service["profiles"]}


def test_the_embedded_engine_is_the_same_major_version() -> None:
    from prodev.testbed import cluster

    image = SERVICES["postgres"]["image"].partition(":")[2]

    assert image.split(".")[0] == cluster.find_install().major

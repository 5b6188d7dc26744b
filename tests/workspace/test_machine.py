"""The doctor tries things for real, and every finding that is not good says what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from prodev.workspace.machine import Finding, examine

NAMES = ["Python", "Disk", "git", "make", "bash", "curl", "jq", "Postgres", "Jupyter", "Isolation"]


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/none")
    monkeypatch.delenv("PRODEV_ENGINE", raising=False)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


@pytest.mark.usefixtures("nothing_installed")
def test_what_is_missing_comes_with_its_remedy(tmp_path: Path) -> None:
    found = by_name(list(examine(tmp_path)))

    assert list(found) == NAMES
    assert found["Python"].state == "good"
    assert found["Postgres"].state == "missing"
    assert "127.0.0.1:9" in found["Postgres"].said
    assert {found[tool].state for tool in ("git", "make", "bash", "curl", "jq")} == {"wanting"}
    assert all(finding.remedy for finding in found.values() if finding.state != "good")


@pytest.mark.usefixtures("nothing_installed")
def test_a_disk_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    found = by_name(list(examine(tmp_path / "gone")))

    assert found["Disk"].state == "missing"
    assert "gone" in found["Disk"].said


def test_postgres_is_asked_a_real_question(tmp_path: Path) -> None:
    postgres = by_name(list(examine(tmp_path)))["Postgres"]

    assert postgres.state == "good", postgres
    assert "SELECT 1 gave 1" in postgres.said

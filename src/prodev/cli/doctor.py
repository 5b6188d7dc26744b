"""``prodev doctor``: try what the course needs, one line for each."""

from __future__ import annotations

from prodev.cli.here import Here
from prodev.errors import ProDevError
from prodev.show.console import make_console
from prodev.show.findings import finding_row, findings_summary
from prodev.workspace.machine import Finding, examine


def examine_machine() -> int:
    """Print each check as it is made; 0 when nothing that the course cannot do without is missing."""
    console = make_console()
    try:
        workspace = Here().workspace.root
    except ProDevError:
        workspace = None
    found: list[Finding] = []
    for finding in examine(workspace):
        found.append(finding)
        console.print(finding_row(finding))
    console.print(findings_summary(found))
    return 1 if any(finding.state == "missing" for finding in found) else 0

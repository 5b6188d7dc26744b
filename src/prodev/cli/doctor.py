"""``prodev doctor``: try what the course needs, one line for each."""

from __future__ import annotations

from rich.text import Text

from prodev.cli.here import Here
from prodev.errors import ProDevError
from prodev.show.console import MARKS, line, make_console
from prodev.workspace.machine import Finding, examine

_OUTCOMES = {"good": "passed", "wanting": "ungraded", "missing": "failed"}


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
        sign, style = MARKS[_OUTCOMES[finding.state]]
        console.print(line((sign, style), " ", (f"{finding.name:<10}", "strong"), finding.said))
        if finding.remedy:
            console.print(line(" " * 12, ("→ ", "todo"), finding.remedy))
    console.print(_summary(found))
    return 1 if any(finding.state == "missing" for finding in found) else 0


def _summary(found: list[Finding]) -> Text:
    missing = [finding.name for finding in found if finding.state == "missing"]
    wanting = [finding.name for finding in found if finding.state == "wanting"]
    if missing:
        return line((f"\nThe course cannot work yet: {', '.join(missing)}.", "bad"))
    if wanting:
        return line((f"\nThe course works; a part of it waits for {', '.join(wanting)}.", "unsure"))
    return line(("\nEverything is there.", "good"))

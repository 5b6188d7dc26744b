"""What the doctor found, a row for each check, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from prodev.show.console import line, mark
from prodev.workspace.machine import Finding

_OUTCOMES = {"good": "passed", "wanting": "ungraded", "missing": "failed"}
_NAMES = 9


def finding_row(finding: Finding) -> RenderableType:
    """Mark, name, what was seen, and the remedy below it."""
    table = Table.grid(padding=(0, 1))
    for width in (1, _NAMES, None):
        table.add_column(width=width)
    said = line(finding.said)
    if finding.remedy:
        said.append_text(line("\n", ("→ ", "todo"), finding.remedy))
    table.add_row(line(mark(_OUTCOMES[finding.state])), line((finding.name, "strong")), said)
    return table


def findings_summary(found: Sequence[Finding]) -> Text:
    """One sentence on whether the course works on this machine."""
    missing = [finding.name for finding in found if finding.state == "missing"]
    wanting = [finding.name for finding in found if finding.state == "wanting"]
    if missing:
        return line((f"\nThe course cannot work yet: {', '.join(missing)}.", "bad"))
    if wanting:
        return line((f"\nThe course works; a part of it waits for {', '.join(wanting)}.", "unsure"))
    return line(("\nEverything is there.", "good"))

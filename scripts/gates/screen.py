"""What the gates found, as an operator sees it: each with its value and its limit."""

from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scripts import console
from scripts.gates.finding import Outcome
from scripts.gates.judgement import Judgement

_MARKS: Final = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.REFUSED: ("✗", "bold red"),
    Outcome.NOT_CHECKED: ("·", "dim"),
}


def show(judgement: Judgement) -> None:
    """Print the findings on stderr, also those that nobody has to do anything about."""
    console.show(gates_screen(judgement))


def gates_screen(judgement: Judgement) -> RenderableType:
    """Gate by gate: a mark, what was found, the limit. What to do about it the refusal says."""
    candidate = judgement.candidate
    grid = Table.grid(padding=(0, 2))
    for _ in ("mark", "gate"):
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=3)
    grid.add_column(overflow="fold", ratio=2)
    for finding in judgement.findings:
        mark, style = _MARKS[finding.outcome]
        value = Text(finding.value, style if finding.refused else "")
        grid.add_row(Text(f"  {mark}", style), finding.gate, value, Text(finding.limit, "dim"))
    title = Text.assemble(
        (f"gates of {candidate.settings.name}", "bold"),
        f" for {candidate.model.training_job_name} as {candidate.role}",
    )
    return Group(title, grid)

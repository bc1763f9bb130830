"""What a drill says at its end."""

import io

import pytest
from rich.console import Console

from scripts.drilling.clock import clock, elapsed
from scripts.drilling.load import tally
from scripts.drilling.screen import conclude, summary
from scripts.drilling.verdict import proofs
from tests.unit.scripts.drilling.sightings import answers, caught


def test_what_lies_between_two_moments_is_what_their_clocks_say() -> None:
    assert (clock(4.9), clock(65.1), elapsed(4.9, 15.1)) == ("0:04", "1:05", "11 s")


def test_the_summary_names_the_moments_that_the_timeline_names() -> None:
    failed = answers((4.8, "ModelError 500"), (15.1, "ModelError 500"), (16.0, ""))
    assert summary(tally(failed)) == (
        "3 requests: 1 answered by the old model, 2 failed (2 ModelError 500) within 11 s, "
        "0:04 to 0:15"
    )


def test_at_80_columns_every_line_of_the_end_is_indented_as_its_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = io.StringIO()
    evidence = caught()
    monkeypatch.setattr(
        "scripts.console.page", Console(file=screen, width=80, color_system=None).print
    )
    conclude(proofs(evidence), evidence.answers)
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    begin = next(i for i, line in enumerate(lines) if "requests: " in line)
    assert "to 0:18" in " ".join(lines[begin : begin + 2])
    assert all(line.startswith("  ") for line in lines[begin:] if line)

"""What the gates found, on a screen of 80 columns."""

from dataclasses import replace

from rich.console import Console

from config.environments import PROD
from scripts.gates.judgement import judge
from scripts.gates.screen import gates_screen
from tests.releases import any_proof
from tests.unit.scripts.gates.candidates import any_candidate, scored

WIDTH, LONG = 80, 63


def test_every_gate_has_its_mark_its_value_and_its_limit() -> None:
    model = scored(0.5, "second", training_job_name="j" * LONG, training_job_arn=_arn("j" * LONG))
    model = replace(model, served_in=any_proof(model, endpoints=("z" * LONG, "b" * LONG)))
    judgement = judge(any_candidate(model, settings=PROD, champion=scored(0.95)))
    console = Console(width=WIDTH, color_system=None, highlight=False)
    with console.capture() as captured:
        console.print(gates_screen(judgement))
    lines = captured.get().splitlines()
    assert all(len(line.rstrip()) <= WIDTH for line in lines)
    rows = [line.split() for line in lines if line.startswith("  ") and line[2] in "✓✗·"]
    marks = {row[1]: row[0] for row in rows}
    assert marks == {
        "accuracy": "✗",
        "champion": "✗",
        "recorded": "✓",
        "artifact": "·",
        "answers": "·",
        "served_in": "✓",
    }
    text = captured.get()
    assert "at least 0.9 " in f"{text} "
    assert "at least 0.94, " in text
    # What is too long for its column is folded, never cut.
    assert sum(line.count("b") for line in lines if "bb" in line) == LONG
    assert sum(line.count("z") for line in lines if "zz" in line) == LONG


def _arn(job: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:111122223333:training-job/{job}"

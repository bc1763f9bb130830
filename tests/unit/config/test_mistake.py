"""A mistake in config/environments.py ends in one line that says where and what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
VERB = ("-m", "scripts", "status", "--env", "local")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy whose environments.py a test can spoil."""
    for folder in ("config", "scripts", "stacks", "algorithm", "dataset"):
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=skipped)
    shutil.copy(REPOSITORY / "app.py", tmp_path)
    return tmp_path


def line_for(checkout: Path, mistake: str, *program: str) -> tuple[str, int]:
    """What is said of environments.py with a mistake at its end, and the mistake's line."""
    file = checkout / "config" / "environments.py"
    text = file.read_text()
    file.write_text(f"{text}{mistake}\n")
    finished = subprocess.run(
        [sys.executable, *program],
        cwd=checkout,
        env={**os.environ, "CDK_OUTDIR": str(checkout / "out"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    # Beside the app Node may have something to say; its own line is the last, alone in the CLI.
    *others, line = finished.stderr.strip().splitlines()
    assert not others or program == ("app.py",)
    return line, text.count("\n") + 1


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("X = Shadow()", "name 'Shadow' is not defined; import it, for example `from config.tra"),
        ("X = Spilt()", "name 'Spilt' is not defined; did you mean `Split`?"),
        ("X = replace()", "name 'replace' is not defined; define it, or correct the name"),
        ("X = Split(weight=1)", "got an unexpected keyword argument 'weight'; it takes nothing"),
        ("X = Settings(trafic=Split())", "argument 'trafic'; did you mean `traffic`?"),
        ("X = RealtimeSettings()", "missing 1 required keyword-only argument: 'instance_type'; "),
        ("X = Capacity(", "'(' was never closed; correct that line"),
        ("from config.traffic import Shado", "from 'config.traffic'; did you mean `Shadow`?"),
        ("import config.trafic", "No module named 'config.trafic'; did you mean `config.traffic`?"),
    ],
    ids=lambda value: value.split(";")[0],
)
def test_a_mistake_is_named_with_its_line_and_the_remedy(
    checkout: Path, mistake: str, said: str
) -> None:
    line, number = line_for(checkout, mistake, *VERB)
    assert line.startswith(f"darkroom: config/environments.py:{number}: ")
    assert said in line
    assert str(checkout) not in line


def test_synth_says_it_as_well(checkout: Path) -> None:
    line, number = line_for(checkout, "X = Shadow()", "app.py")
    assert line.startswith(f"darkroom: config/environments.py:{number}: name 'Shadow'")

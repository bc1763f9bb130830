"""Where the programs are that we are measured against: an environment of their own."""

import re
import subprocess
from pathlib import Path
from typing import Final

BIN: Final = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin"


def program(name: str) -> str:
    """The path of a peer's command. Raises FileNotFoundError with what to type."""
    path = BIN / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; `make bench` installs it")
    return str(path)


def version(*command: str) -> str:
    """What a peer's command says when it is asked for its version, without the build's hash."""
    asked = [program(command[0]), *command[1:]]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(?:\.\d+)+", said)
    return f"{command[0]} {found[0]}" if found else command[0]

"""Run another tree's CDK app: with this interpreter and its libraries, and nothing of this tree.

Started as `python -I -B isolated.py TREE SETTINGS`, so that neither PYTHONPATH nor an installed
checkout lends the other tree a module that it does not have. Writes the tree's settings, which no
template shows in full, as JSON to the file SETTINGS.
"""

import json
import runpy
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def main(tree: Path, settings: Path) -> None:
    """Synthesize into CDK_OUTDIR; the app itself says what it cannot deploy, and exits."""
    sys.path[:] = [str(tree), *_of_the_interpreter()]
    sys.argv[:] = ["app.py"]
    try:
        runpy.run_path(str(tree / "app.py"), run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    settings.write_text(json.dumps(_environments()), encoding="utf-8")


def _of_the_interpreter() -> list[str]:
    """The standard library and what is installed; a checkout that is installed is elsewhere."""
    roots = [Path(root).resolve() for root in (sys.prefix, sys.base_prefix)]
    return [
        path
        for path in sys.path
        if path and any(Path(path).resolve().is_relative_to(root) for root in roots)
    ]


def _environments() -> dict[str, Any]:
    try:
        from config.environments import ENVIRONMENTS
    except ImportError:  # A revision that kept them elsewhere: its templates still tell.
        return {}
    return {name: _plain(each) for name, each in ENVIRONMENTS.items()}


def _plain(value: Any) -> Any:
    """A value as JSON has it; of a dataclass what its repr shows: a secret is not shown."""
    if is_dataclass(value):
        shown = {
            each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.repr
        }
        return {"": type(value).__name__, **shown}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))

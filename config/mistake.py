"""A mistake in config/environments.py, met while it is imported: where, what, and the remedy."""

import re
import sys
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Final

_FILE: Final = Path(__file__).with_name("environments.py")
_UNKNOWN_KEYWORD: Final = re.compile(
    r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'"
)
_UNKNOWN_NAME: Final = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


def mistake_in_environments(error: Exception) -> str | None:
    """One line such as `config/environments.py:93: name 'Shadow' is not defined; ...`.

    None for an error that does not come from importing that file.
    """
    line = _line_of(error)
    if line is None:
        return None
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    # Python puts a path behind what it could not import.
    what = " ".join(said.partition(" (/")[0].split()) or type(error).__name__
    return f"config/environments.py:{line}: {what}; {_remedy(error)}"


def _line_of(error: Exception) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno if error.filename == str(_FILE) else None
    lines = [
        number
        for frame, number in walk_tb(error.__traceback__)
        if frame.f_code.co_filename == str(_FILE) and frame.f_code.co_name == "<module>"
    ]
    return lines[-1] if lines else None


def _remedy(error: Exception) -> str:
    if isinstance(error, NameError) and error.name:
        classes = {name: module for module in _modules() for name in _classes(module)}
        if error.name in classes:
            module = classes[error.name].__name__
            return f"import it, for example `from {module} import {error.name}`"
        return _meant(error.name, classes) or "define it, or correct the name"
    if isinstance(error, ModuleNotFoundError) and error.name:
        known = [f"config.{file.stem}" for file in _FILE.parent.glob("[a-z]*.py")]
        return _meant(error.name, known) or "correct the name"
    if found := _UNKNOWN_NAME.search(str(error)):
        known = list(_classes(sys.modules[found[2]])) if found[2] in sys.modules else []
        return _meant(found[1], known) or "correct the name"
    if found := _UNKNOWN_KEYWORD.search(str(error)):
        known = _settings_of(found[1])
        return _meant(found[2], known) or f"it takes {', '.join(known) or 'nothing'}"
    return "correct that line"


def _meant(name: str, known: Iterable[str]) -> str | None:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else None


def _settings_of(name: str) -> list[str]:
    for module in _modules():
        found = _classes(module).get(name)
        if found is not None and is_dataclass(found):
            return [field.name for field in fields(found)]
    return []


def _modules() -> list[ModuleType]:
    """What of config is loaded; `environments` imports `settings`, and that all the others."""
    return [module for name, module in sorted(sys.modules.items()) if name.startswith("config.")]


def _classes(module: ModuleType) -> dict[str, type]:
    """Those that a module defines, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }

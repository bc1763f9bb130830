"""Both sides synthesized at the same time, without credentials, network or each other's files."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from config.errors import ConfigurationError
from config.release import Release, read_release
from scripts.cdk import with_node
from scripts.deployment.assembly import SynthesizedStack, stacks_of

_PROGRAM: Final = Path(__file__).with_name("isolated.py")
_SETTINGS: Final = "settings.json"
_UNWANTED: Final = ("AWS_", "CDK_", "PYTHON", "JSII_", "NODE_OPTIONS")
"""What could lead a synth to an account, a network or another tree: it is to know only its own."""


@dataclass(frozen=True, kw_only=True)
class SynthesizedEnvironment:
    """One environment, as one side has it."""

    name: str
    region: str
    stacks: tuple[SynthesizedStack, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of its values in `config/environments.py`, what is not secret."""

    release: Release | None = None
    unreadable: str | None = None
    """Why its release file cannot be read by this version of the CLI."""


@dataclass(frozen=True, kw_only=True)
class Synth:
    """What came of one side."""

    environments: Mapping[str, SynthesizedEnvironment] = field(default_factory=dict)
    problem: str | None = None
    """Why there are no templates, in the app's own words."""


def synthesize_both(before: Path, after: Path) -> tuple[Synth, Synth]:
    """The cloud assemblies of two trees. Children do not outlive the call, whatever ends it."""
    with tempfile.TemporaryDirectory(prefix="darkroom-diff-") as folder, ExitStack() as running:
        outputs = [Path(folder, name) for name in ("before", "after")]
        errors = [running.enter_context(tempfile.TemporaryFile()) for _ in outputs]
        children = [
            running.enter_context(_started(tree, output, error))
            for tree, output, error in zip((before, after), outputs, errors, strict=True)
        ]
        for child in children:
            child.wait()
        first, second = (
            _read(tree, output) if child.returncode == 0 else Synth(problem=_reason(error, tree))
            for tree, output, error, child in zip(
                (before, after), outputs, errors, children, strict=True
            )
        )
    return first, second


@contextmanager
def _started(tree: Path, output: Path, errors: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    output.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}
    child = subprocess.Popen(
        # No bytecode is written: the working tree stays as it is, and a commit's tree is deleted.
        [sys.executable, "-I", "-B", str(_PROGRAM), str(tree), str(output / _SETTINGS)],
        cwd=tree,
        env=with_node({**kept, "CDK_OUTDIR": str(output)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def _reason(errors: IO[bytes], tree: Path) -> str:
    """The app's last line, which says what is wrong (app.py)."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    last = lines[-1] if lines else "synth ended with an error and without a word"
    # Where the tree was laid differs from run to run.
    return last.removeprefix("darkroom: ").replace(f"{tree}/", "")


def _read(tree: Path, output: Path) -> Synth:
    try:
        return _read_assembly(tree, output)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
        # The app of another revision: it may end early, or write what no CDK that we know writes.
        why = f"{type(problem).__name__}: {problem}".replace(f"{output}/", "")
        return Synth(problem=f"its app.py ended well, but what it wrote cannot be read: {why}")


def _read_assembly(tree: Path, output: Path) -> Synth:
    settings = json.loads((output / _SETTINGS).read_text(encoding="utf-8"))
    manifest = output / "manifest.json"
    if not manifest.exists():
        return Synth(problem="its app.py ended well, but wrote no cloud assembly")
    artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"]
    names = [
        artifact["properties"]["directoryName"].removeprefix("assembly-")
        for artifact in artifacts.values()
        if artifact["type"] == "cdk:cloud-assembly"
    ]
    # As the settings list them; a stage that they do not know comes last.
    order = {name: place for place, name in enumerate(settings)}
    return Synth(
        environments={
            name: _environment(tree, output, name, settings.get(name) or {})
            for name in sorted(names, key=lambda each: (order.get(each, len(order)), each))
        }
    )


def _environment(
    tree: Path, output: Path, name: str, settings: Mapping[str, Any]
) -> SynthesizedEnvironment:
    release, unreadable = None, None
    try:
        release = read_release(name, tree / "config" / "releases")
    except ConfigurationError as problem:
        unreadable = str(problem)
    return SynthesizedEnvironment(
        name=name,
        region=str(settings.get("region") or "unknown"),
        stacks=tuple(stacks_of(output, name)),
        settings=settings,
        release=release,
        unreadable=unreadable,
    )

"""One synth, kept: what is compared, shown and approved is what is deployed."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scripts.cdk import REPOSITORY, with_node
from scripts.deployment.templates import Template
from scripts.errors import Refused

_ERROR: Final = "aws:cdk:error"


@dataclass(frozen=True, kw_only=True)
class SynthesizedStack:
    """A stack of the assembly."""

    id: str
    """As the CDK's CLI selects it: `dev/Serving`."""

    name: str
    """As CloudFormation knows it: `darkroom-dev-serving`."""

    template: Template
    tags: Mapping[str, str] = field(default_factory=dict)
    dependencies: Sequence[str] = ()
    """Ids of the stacks that have to be there first."""

    errors: tuple[str, ...] = ()
    """Why the app marked it as one that must not be deployed."""


@contextmanager
def synthesized(*program: str) -> Iterator[Path]:
    """A folder with the cloud assembly of every environment, for as long as the block lasts.

    `program` is another CDK app than ours: what Python is told to run. Raises Refused for what
    cannot be deployed, in the app's own words.
    """
    with tempfile.TemporaryDirectory(prefix="darkroom-assembly-") as folder:
        finished = subprocess.run(
            [sys.executable, *(program or ("app.py",))],
            cwd=REPOSITORY,
            env=with_node({**os.environ, "CDK_OUTDIR": folder}),
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise Refused(_reason(finished.stderr))
        yield Path(folder)


def _reason(errors: str) -> str:
    """The app's last line, which says what is wrong; the lines before it go to stderr."""
    lines = errors.strip().splitlines() or ["synth ended with an error and without a word"]
    for line in lines[:-1]:
        print(line, file=sys.stderr)
    return lines[-1].removeprefix("darkroom: ")


def stacks_of(assembly: Path, environment: str) -> list[SynthesizedStack]:
    """The environment's stacks, each after those it depends on."""
    stage = assembly / f"assembly-{environment}"
    artifacts = json.loads((stage / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    stacks = {
        key: artifact
        for key, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }

    def read(key: str) -> SynthesizedStack:
        artifact = stacks[key]
        file = stage / artifact["properties"]["templateFile"]
        return SynthesizedStack(
            id=_id(artifact),
            name=artifact["properties"]["stackName"],
            template=json.loads(file.read_text(encoding="utf-8")),
            tags=artifact["properties"].get("tags") or {},
            dependencies=tuple(
                _id(stacks[other]) for other in artifact.get("dependencies", ()) if other in stacks
            ),
            errors=tuple(_errors(stage, artifact)),
        )

    return _in_order([read(key) for key in stacks])


def _id(artifact: Mapping[str, Any]) -> str:
    # The display name is the id, followed by the stack's name in brackets where they differ.
    name: str = artifact["displayName"].split(" ")[0]
    return name


def _errors(stage: Path, artifact: Mapping[str, Any]) -> Iterator[str]:
    """The annotations for which the CDK's CLI would refuse the stack, of all its constructs."""
    metadata: Mapping[str, Sequence[Mapping[str, Any]]] = artifact.get("metadata") or {}
    if file := artifact.get("additionalMetadataFile"):
        further = json.loads((stage / file).read_text(encoding="utf-8"))
        metadata = {**metadata, **further}
    for entries in metadata.values():
        yield from (str(each["data"]) for each in entries if each["type"] == _ERROR)


def _in_order(stacks: Sequence[SynthesizedStack]) -> list[SynthesizedStack]:
    from graphlib import TopologicalSorter

    by_id = {stack.id: stack for stack in stacks}
    sorter = TopologicalSorter({stack.id: stack.dependencies for stack in stacks})
    return [by_id[id_] for id_ in sorter.static_order()]

"""A synthesized cloud assembly, read as CloudFormation will read it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from config.environments import ENVIRONMENTS
from config.release import Release, release_file
from config.released_model import ReleasedModel
from config.settings import Settings
from stacks.application import Application
from stacks.image import image_of
from tests.releases import any_model, any_proof


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template."""

    stack: str
    logical_id: str
    type: str
    body: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self.body.get("Properties", {})
        return properties

    def __str__(self) -> str:
        return f"{self.stack}/{self.logical_id} ({self.type})"


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """Templates by stack, named as the CLI names them: `dev/Data`."""

    folder: Path
    templates: Mapping[str, Mapping[str, Any]]

    def resources(self, *types: str) -> Iterator[Resource]:
        """The resources of all stacks; of these types, if any are named."""
        for stack, template in self.templates.items():
            for logical_id, body in template["Resources"].items():
                if not types or body["Type"] in types:
                    yield Resource(stack=stack, logical_id=logical_id, type=body["Type"], body=body)

    def only(self, stack: str, type_: str, begins: str = "") -> Resource:
        """The one resource of this type in a stack whose logical id begins so."""
        (found,) = (
            resource
            for resource in self.resources(type_)
            if resource.stack == stack and resource.logical_id.startswith(begins)
        )
        return found

    def outputs(self, stack: str) -> Mapping[str, Any]:
        """The values of a stack's outputs, without the exports that the CDK adds."""
        return {
            key: output["Value"]
            for key, output in self.templates[stack].get("Outputs", {}).items()
            if "Export" not in output
        }


def read_assembly(folder: Path) -> Assembly:
    """The assembly in a folder that a synth has written."""
    templates = {}
    for stage in sorted(folder.glob("assembly-*")):
        manifest = json.loads((stage / "manifest.json").read_text(encoding="utf-8"))
        for artifact in manifest["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                file = stage / artifact["properties"]["templateFile"]
                name = artifact["displayName"].split(" ")[0]
                templates[name] = json.loads(file.read_text(encoding="utf-8"))
    return Assembly(folder=folder, templates=templates)


def model_of(settings: Settings, trained: str = "first", **different: Any) -> ReleasedModel:
    """A model that the environment can serve."""
    fitting = {
        "image": image_of(settings),
        "artifact_format": settings.algorithm.artifact_format,
    }
    model = any_model(trained, **(fitting | different))
    source = settings.gates.served_in
    if source is None or "served_in" in different:
        return model
    return replace(model, served_in=any_proof(model, environment=source))


def release_of(settings: Settings, trained: str = "first", **different: Any) -> Release:
    """A release of a champion alone that the environment can serve."""
    return Release(
        environment=settings.name,
        models={"champion": model_of(settings, trained, **different)},
        weights={"champion": 1.0},
    )


def write_release(release: Release, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    release_file(release.environment, folder).write_text(release.to_json(), encoding="utf-8")


def application(
    folder: Path,
    *,
    environments: Iterable[Settings] = tuple(ENVIRONMENTS.values()),
    releases: Iterable[Release],
) -> Application:
    """The app of these environments with these releases; `folder / "out"` is its assembly."""
    (folder / "releases").mkdir(parents=True, exist_ok=True)
    for release in releases:
        write_release(release, folder / "releases")
    return Application(environments, releases=folder / "releases", outdir=folder / "out")


def synthesize(
    folder: Path,
    *,
    environments: Iterable[Settings] = tuple(ENVIRONMENTS.values()),
    releases: Iterable[Release],
) -> Assembly:
    """Synthesize into `folder` and read the assembly."""
    application(folder, environments=environments, releases=releases).synth()
    return read_assembly(folder / "out")

"""The container images that the local cloud can run: an image URI stands for a command line."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from local.instance.assignment import ContainerImage, MetricDefinition


@dataclass(frozen=True)
class Images:
    """What stands where an image is asked for."""

    by_uri: Mapping[str, ContainerImage] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the JSON object `{uri: {"command": [...], "metric_definitions": [...]}}`.

        Raises ValueError naming the image and what is wrong with its entry.
        """
        entries = json.loads(text) if text.strip() else {}
        if not isinstance(entries, dict):
            raise ValueError("the images are not a JSON object of image URIs")  # noqa: TRY004 - input
        return cls({uri: _image(uri, entry) for uri, entry in entries.items()})

    def get(self, uri: str) -> ContainerImage | None:
        """None where no such image exists."""
        return self.by_uri.get(uri)

    def known(self) -> str:
        """The URIs there are, for an error message."""
        return ", ".join(sorted(self.by_uri)) or "none"


def _image(uri: str, entry: Any) -> ContainerImage:
    if not isinstance(entry, dict) or entry.keys() - {"command", "metric_definitions"}:
        raise ValueError(f"image {uri}: expected members command and metric_definitions: {entry}")
    command = entry.get("command")
    if not command or not all(isinstance(word, str) for word in command):
        raise ValueError(f"image {uri}: command must be a list of words, not {command!r}")
    definitions = entry.get("metric_definitions", [])
    return ContainerImage(
        command=tuple(command),
        metric_definitions=tuple(_definition(uri, each) for each in definitions),
    )


def _definition(uri: str, entry: Any) -> MetricDefinition:
    try:
        definition = MetricDefinition(name=entry["Name"], regex=entry["Regex"])
        re.compile(definition.regex)
    except (KeyError, TypeError, re.error) as error:
        raise ValueError(f"image {uri}: metric definition {entry!r}: {error!r}") from error
    return definition

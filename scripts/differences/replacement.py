"""What the CDK knows of resource types that our own stacks do not have."""

import gzip
import json
from functools import cache
from typing import Final

from scripts.cdk import REPOSITORY
from scripts.deployment.replacement import Replacing, of_our_stacks

_DATABASE: Final = REPOSITORY / "node_modules" / "aws-cdk" / "db.json.gz"


def replacing(type_: str) -> Replacing | None:
    """The rules for a type; None for one that nobody knows, such as a custom resource.

    The CDK's database takes a third of a second to read, so only a type that our table lacks
    opens it.
    """
    return of_our_stacks(type_) or _database().get(type_)


@cache
def _database() -> dict[str, Replacing]:
    try:
        with gzip.open(_DATABASE) as file:
            entities = json.load(file)["schema"]["resource"]["entities"]
    except FileNotFoundError:  # A checkout without `make setup`: then nothing is known of it.
        return {}
    return {
        entity["cloudFormationType"]: Replacing(
            always=_properties(entity, "yes"), perhaps=_properties(entity, "maybe")
        )
        for entity in entities
    }


def _properties(entity: dict[str, dict[str, dict[str, str]]], answer: str) -> frozenset[str]:
    return frozenset(
        name
        for name, each in entity["properties"].items()
        if each.get("causesReplacement") == answer
    )

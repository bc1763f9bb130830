"""The release file of an environment: which models are deployed, and where each came from.

It is literal input to the templates (design D2): a release is a reviewed diff of this file, a
rollback is its `git revert`. Of times it holds only when a person promoted a model or let it pass,
so the same command again makes the same file.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from config.errors import ConfigurationError, require
from config.record import REMEDY, Record, located
from config.released_model import ReleasedModel, check_fit
from config.roles import CHALLENGERS, CHAMPION, ROLES, SHADOW, in_order

__all__ = [
    "RELEASES",
    "ROLES",
    "SCHEMA",
    "Release",
    "ReleasedModel",
    "check_fit",
    "read_release",
    "release_file",
]

SCHEMA: Final = 1
RELEASES: Final = Path(__file__).parent / "releases"


@dataclass(frozen=True, kw_only=True)
class Release:
    """The models of an environment by role, and the share of the traffic of each.

    A change makes a new release; nothing is written until the CLI writes the file.
    """

    environment: str
    models: Mapping[str, ReleasedModel]
    weights: Mapping[str, float]
    """Of every role but the shadow; a role's share is its weight by the sum of all (facts C.5)."""

    def __post_init__(self) -> None:
        roles = [role for role in ROLES if role in self.models]
        for role in self.models:
            _check_role(role, "models", REMEDY)
        require(
            CHAMPION in roles, "models", found=roles, limit="at least the champion", remedy=REMEDY
        )
        require(
            SHADOW not in roles or not set(roles) & set(CHALLENGERS),
            "models",
            found=roles,
            limit="challengers or a shadow beside the champion, not both: a shadow needs a "
            "single variant that answers",
            remedy="take out the one or the others",
        )
        for role in roles:
            names, wanted = self.models[role].class_names, self.models[CHAMPION].class_names
            require(
                names == wanted,
                f"models.{role}.class_names",
                found=list(names),
                limit=f"the champion's, {list(wanted)}, in the same order: an answer is named "
                "by its position",
                remedy=f"release a {role} that was trained on the champion's classes",
            )
        self._check_weights()

    def _check_weights(self) -> None:
        weighted = [role for role in ROLES if role in self.models and role != SHADOW]
        values = self.weights.values()
        require(
            set(self.weights) == set(weighted)
            and all(math.isfinite(weight) and weight >= 0 for weight in values)
            and sum(values) > 0,
            "weights",
            found=dict(self.weights),
            limit=f"one weight of 0 or more for {', '.join(weighted)}, not all of them 0",
            remedy="give each of them a weight, at least one above 0",
        )

    def with_model(self, role: str, model: ReleasedModel, weight: float | None = None) -> Self:
        """This release with `model` in `role`; None keeps the role's weight.

        A challenger that is new gets 0 then: no traffic moves until somebody says so. Raises
        ConfigurationError for an unknown role, a shadow with a weight, and what no release may be.
        """
        _check_role(role, "role", "name one of them")
        weights = dict(self.weights)
        if role == SHADOW:
            require(
                weight is None,
                "weight of the shadow",
                found=weight,
                limit="None: it gets a copy of the requests and shares none",
                remedy="set traffic=Shadow(sampled_percent=...) in config/environments.py",
            )
        else:
            weights[role] = weights.get(role, 0.0) if weight is None else weight
        return replace(self, models={**self.models, role: model}, weights=weights)

    def with_models(self, models: Mapping[str, ReleasedModel]) -> Self:
        """This release with several models at once, which have to go together only at the end.

        Each role keeps its weight, and one that is new gets 0. Raises ConfigurationError as
        `with_model` does.
        """
        together = {**self.models, **models}
        weights = {role: self.weights.get(role, 0.0) for role in together if role != SHADOW}
        return replace(self, models=together, weights=weights)

    def without(self, role: str) -> Self:
        """This release without the model in `role`.

        Raises ConfigurationError for the champion, for a role that nobody has, and when those who
        are left would get no traffic.
        """
        able = sorted(set(self.models) - {CHAMPION})
        require(
            role in able,
            "role",
            found=role,
            limit=f"one that can be taken out: {', '.join(able) or 'there is none'}",
            remedy="a champion is replaced by releasing another model as champion"
            if role == CHAMPION
            else "name one of them",
        )
        models, weights = dict(self.models), dict(self.weights)
        del models[role]
        weights.pop(role, None)
        require(
            sum(weights.values()) > 0,
            "weights",
            found=weights,
            limit="above 0 for somebody who is left",
            remedy=f"move the traffic away from the {role} first",
        )
        return replace(self, models=models, weights=weights)

    def with_weights(self, weights: Mapping[str, float]) -> Self:
        """This release with other weights; all roles that share the traffic have to be named.

        Raises ConfigurationError for missing and unknown roles and for weights that are no share.
        """
        return replace(self, weights=dict(weights))

    @classmethod
    def from_json(cls, text: str, where: str) -> Self:
        """The release in a file called `where`. Raises ConfigurationError."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as problem:
            raise ConfigurationError(f"{where} is not JSON: {problem}; {REMEDY}") from problem
        record = Record(value, where, ("schema", "environment", "models", "weights"))
        schema = record.count("schema")
        require(schema == SCHEMA, f"{where}.schema", found=schema, limit=str(SCHEMA), remedy=REMEDY)
        recorded = record.objects("models")
        models = {
            role: ReleasedModel.from_record(recorded[role], f"{where}.models.{role}")
            for role in in_order(recorded)
        }
        with located(where):
            return cls(
                environment=record.text("environment"),
                models=models,
                weights=record.number_by_name("weights"),
            )

    def to_json(self) -> str:
        """The text of the release file: the same release is the same text."""
        value = {
            "schema": SCHEMA,
            "environment": self.environment,
            "models": {role: model.to_value() for role, model in self.models.items()},
            "weights": dict(self.weights),
        }
        return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @property
    def digest(self) -> str:
        """Names this release in the stack's outputs: the SHA-256 of its file's text."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _check_role(role: str, what: str, remedy: str) -> None:
    require(role in ROLES, what, found=role, limit=f"one of {', '.join(ROLES)}", remedy=remedy)


def release_file(environment_name: str, folder: Path = RELEASES) -> Path:
    """Where the release of an environment stands."""
    return folder / f"{environment_name}.json"


def read_release(environment_name: str, folder: Path = RELEASES) -> Release | None:
    """The release of an environment, or None before its first.

    Raises ConfigurationError for a file that is not a release of that environment.
    """
    path = release_file(environment_name, folder)
    where = f"config/{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(f"{where} cannot be read: {problem}; {REMEDY}") from problem
    release = Release.from_json(text, where)
    require(
        release.environment == environment_name,
        f"{where}.environment",
        found=release.environment,
        limit=repr(environment_name),
        remedy="a release is made for one environment: run `darkroom release` for this one",
    )
    return release

"""`darkroom split`: how the roles of a release share the traffic, as a change of its file."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from config.environments import environment
from config.release import Release
from config.roles import ROLES, SHADOW
from config.settings import Settings
from config.traffic import Split
from scripts import console, options
from scripts.errors import Refused
from scripts.serving.roles import existing_release, written
from scripts.serving.shares import LARGEST_WEIGHT, percent, shares


@dataclass(frozen=True, kw_only=True)
class RoleShare:
    """One role's part of the traffic, before and after."""

    role: str
    model: str
    weight_before: float
    weight: float
    share_before: float
    share: float


@dataclass(frozen=True, kw_only=True)
class NewSplit:
    """The release before and after."""

    before: Release
    after: Release

    @property
    def roles(self) -> list[RoleShare]:
        """Every role that shares the traffic, the champion first."""
        old, new = shares(self.before.weights), shares(self.after.weights)
        return [
            RoleShare(
                role=role,
                model=self.after.models[role].training_job_name,
                weight_before=self.before.weights[role],
                weight=self.after.weights[role],
                share_before=old[role],
                share=share,
            )
            for role, share in new.items()
        ]


def split(environment_name: str, weights: dict[str, float]) -> NewSplit:
    """Write the weights into the environment's release file; no endpoint is touched.

    Every role that shares the traffic has to be named: a share depends on all of them. Raises
    Refused otherwise, and where the traffic plan shares nothing.
    """
    settings = environment(environment_name)
    before = existing_release(settings)
    check_split(settings, before, weights)
    return NewSplit(
        before=before, after=written(settings, before, before.with_weights(weights)).after
    )


def check_split(settings: Settings, before: Release, weights: dict[str, float]) -> None:
    """Raise Refused for weights that do not say how everybody shares the traffic."""
    if not isinstance(settings.traffic, Split):
        raise Refused(
            f"the traffic plan of environment {settings.name} is "
            f"{type(settings.traffic).__name__}, where the champion answers everything; set "
            "traffic=Split() in config/environments.py"
        )
    if len(before.weights) == 1:
        raise Refused(
            f"the release of environment {settings.name} has a champion alone; add a model with "
            f"`darkroom release JOB --role challenger --env {settings.name}` first"
        )
    roles = [role for role in ROLES if role in before.weights]
    missing = [role for role in roles if role not in weights]
    unknown = [role for role in weights if role not in roles]
    if missing or unknown:
        wrong = " and ".join(
            [f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"] * bool(missing)
            + [f"there is no {', '.join(unknown)}"] * bool(unknown)
        )
        raise Refused(
            f"the weights of the release of environment {settings.name} are those of "
            f"{', '.join(roles)}, but {wrong}; name all of them, for example "
            f"`darkroom split {' '.join(f'{role}=W' for role in roles)} --env {settings.name}`"
        )
    if sum(weights.values()) <= 0:
        raise Refused("all weights are 0, so nobody would answer; give at least one more than 0")


class Weight(click.ParamType[tuple[str, float]]):
    """`role=weight`."""

    name = "ROLE=WEIGHT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        role, sign, number = str(value).partition("=")
        if not sign or role not in ROLES or role == SHADOW:
            known = ", ".join(each for each in ROLES[:3])
            self.fail(f"{value!r} is no ROLE=WEIGHT with a role such as {known}", param, ctx)
        try:
            weight = float(number.removesuffix("%"))
        except ValueError:
            weight = math.nan
        if not 0 <= weight <= LARGEST_WEIGHT:
            rule = f"a number from 0 to {LARGEST_WEIGHT:,} is"
            self.fail(f"{number!r} is no weight: {rule}", param, ctx)
        return role, weight


@click.command("split")
@click.argument("weights", metavar="ROLE=WEIGHT...", nargs=-1, required=True, type=Weight())
@options.environment
@options.as_json
def command(weights: Sequence[tuple[str, float]], environment_name: str, as_json: bool) -> None:
    """Say how champion and challengers share the traffic: `split champion=90 challenger=10`.

    Changes config/releases/<env>.json and nothing else; the endpoint follows with the next
    deploy. Weights are relative: 9 and 1 share like 90 and 10.
    """
    if len({role for role, _ in weights}) < len(weights):
        raise click.UsageError("a role is named twice")
    found = split(environment_name, dict(weights))
    changed = found.before != found.after
    if as_json:
        roles = [asdict(each) for each in found.roles]
        console.result({"changed": changed, "roles": roles}, as_json=True)
    else:
        console.table(
            ["role", "weight", "share of traffic", "model"],
            [
                [
                    each.role,
                    _change(f"{each.weight_before:g}", f"{each.weight:g}"),
                    _change(percent(each.share_before), percent(each.share)),
                    each.model,
                ]
                for each in found.roles
            ],
        )
    if not changed:
        console.say("nothing changed: the release had these weights already")
    console.next_step(f"darkroom deploy --env {environment_name}")


def _change(before: str, after: str) -> str:
    return after if before == after else f"{before} -> {after}"

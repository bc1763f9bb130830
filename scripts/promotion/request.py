"""What the operator asks to be promoted."""

from dataclasses import dataclass

from config.release import Release, ReleasedModel
from config.roles import CHAMPION, in_order
from scripts.errors import Refused


@dataclass(frozen=True, kw_only=True)
class PromotionRequest:
    """From where, to where, which models, as whom and with which permission to pass a gate."""

    source: str
    target: str
    roles: tuple[str, ...] = (CHAMPION,)
    """Of the source's release."""

    as_role: str | None = None
    """The role that the one model gets in the target; None keeps its role."""

    source_profile: str | None = None
    """A profile of the AWS configuration; None is the usual chain of credentials."""

    target_profile: str | None = None
    override_reason: str | None = None

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise Refused(
                f"--from and --to are both {self.source}; a release is promoted from one "
                "environment to another"
            )
        if self.as_role is not None and len(set(self.roles)) > 1:
            raise Refused(
                f"--as {self.as_role} is one role, but {len(set(self.roles))} are promoted "
                f"({', '.join(in_order(set(self.roles)))}); promote them one at a time"
            )

    def moves(self, release: Release) -> tuple["Move", ...]:
        """The models of the source's release that are asked for, the champion first.

        Raises Refused for a role that the source's release does not have.
        """
        for role in self.roles:
            if role not in release.models:
                raise Refused(
                    f"the release of environment {self.source} has no {role} to promote; it has "
                    f"{', '.join(in_order(release.models))}"
                )
        return tuple(
            Move(source_role=role, role=self.as_role or role, model=release.models[role])
            for role in in_order(set(self.roles))
        )


@dataclass(frozen=True, kw_only=True)
class Move:
    """One model on its way from a role of the source to a role of the target."""

    source_role: str
    role: str
    model: ReleasedModel
    """As the source's release has it."""

"""One model before the gates of the environment that it comes to."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

from config.release import Release, ReleasedModel
from config.roles import CHAMPION
from scripts.artifact import Artifact
from scripts.gates import screen
from scripts.gates.candidate import Candidate
from scripts.gates.judgement import Judgement, judge
from scripts.promotion.reading import read_artifact
from scripts.promotion.request import Move
from scripts.promotion.route import Route
from scripts.session import Session


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was read of a model, and what the target's gates found."""

    move: Move
    artifact: Artifact
    judgement: Judgement

    def let_in(self, reason: str | None, session: Session) -> ReleasedModel:
        """The model with the override that it needs, if any. Raises RefusedByGates."""
        return replace(
            self.judgement.candidate.model, override=self.judgement.check(reason, session)
        )


def judged(
    route: Route, move: Move, model: ReleasedModel, before: Release | None, files: ExitStack
) -> Judged:
    """Read the artifact from the source's bucket, and show what the target's gates find.

    `model` is as it would stand in the target's release; `before` is that release now. Raises
    Refused for an artifact that is gone or that the target may not read.
    """
    artifact = read_artifact(route, move.model, files)
    judgement = judge(
        Candidate(
            settings=route.target.settings,
            role=move.role,
            model=model,
            champion=before.models[CHAMPION] if before else None,
            artifact=artifact,
        )
    )
    screen.show(judgement)
    return Judged(move=move, artifact=artifact, judgement=judgement)

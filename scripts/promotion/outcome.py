"""What a promotion did: which models came where, what was found, what was copied."""

from dataclasses import dataclass
from typing import Any

from config.release import ReleasedModel
from scripts.gates.judgement import Judgement
from scripts.promotion.copying import Copied
from scripts.promotion.source import CommittedRelease
from scripts.serving.roles import Change


@dataclass(frozen=True, kw_only=True)
class PromotedModel:
    """One model in its new role."""

    role: str
    model: ReleasedModel
    previous: ReleasedModel | None
    """Who had the role before."""

    judgement: Judgement
    copied: Copied

    @property
    def replaced(self) -> ReleasedModel | None:
        """Who had the role before, if it was another: repeated, a promotion replaces nobody."""
        previous = self.previous
        if previous is None or previous.training_job_name == self.model.training_job_name:
            return None
        return previous

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        model, previous = self.model, self.replaced
        return {
            "training_job": model.training_job_name,
            "validation_accuracy": model.metrics["validation_accuracy"],
            "replaces": previous.training_job_name if previous else None,
            "its_validation_accuracy": previous.metrics["validation_accuracy"]
            if previous
            else None,
            "dataset_id": model.dataset_id,
            "model_data": model.model_data_url,
            "artifact_sha256": model.artifact_sha256,
            "copied_bytes": self.copied.copied_bytes,
            "served_in": model.served_in.to_value() if model.served_in else None,
            "override": model.override.to_value() if model.override else None,
            "gates": self.judgement.to_value(),
        }


@dataclass(frozen=True, kw_only=True)
class Promoted:
    """A promotion that is done; nothing was deployed."""

    source: CommittedRelease
    change: Change
    models: tuple[PromotedModel, ...]
    """The champion first."""

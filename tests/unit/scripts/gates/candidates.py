"""Candidates as a test needs them: they pass every gate, and differ where the test says so."""

from dataclasses import replace
from typing import Any

from config.environments import DEV
from config.gates import GateSettings
from config.release import ReleasedModel
from config.settings import Settings
from scripts.artifact import Artifact
from scripts.gates.candidate import Candidate
from tests.releases import any_model


def with_gates(settings: Settings = DEV, **gates: Any) -> Settings:
    return replace(settings, gates=GateSettings(**gates))


def any_candidate(
    model: ReleasedModel | None = None,
    *,
    settings: Settings = DEV,
    role: str = "champion",
    champion: ReleasedModel | None = None,
    artifact: Artifact | None = None,
) -> Candidate:
    return Candidate(
        settings=settings,
        role=role,
        model=model or any_model(),
        champion=champion,
        artifact=artifact,
    )


def scored(validation_accuracy: float, trained: str = "first", **different: Any) -> ReleasedModel:
    metrics = {"validation_accuracy": validation_accuracy, "best_epoch": 4}
    return any_model(trained, metrics=metrics, **different)

"""Whether the safety net held: what a drill proves, each point from something observed."""

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.drilling.clock import clock, elapsed
from scripts.drilling.load import Answer, tally
from scripts.drilling.observation import Observation
from scripts.drilling.question import equal
from scripts.drilling.timeline import fired
from scripts.serving.live import LiveEndpoint


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a drill saw."""

    before: LiveEndpoint
    """The endpoint with the sound model."""

    after: LiveEndpoint
    stack_status: str
    reference: Sequence[float]
    answer: Sequence[float] | str
    """The same picture's probabilities afterwards, or the error that came instead."""

    observations: Sequence[Observation]
    answers: Sequence[Answer]
    needs_alarm: bool
    """Whether the defect is known to pass the health checks, so that only an alarm can find it."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One point: what was to be shown, whether it was, and what was found."""

    what: str
    holds: bool
    found: str


def proofs(evidence: Evidence) -> list[Proof]:
    """Every point that has to hold for the drill to have succeeded."""
    return [
        _caught(evidence),
        _rolled_back(evidence),
        _reported(evidence),
        _answers(evidence),
        _nothing_fails_any_more(evidence),
    ]


def _caught(evidence: Evidence) -> Proof:
    what = "the broken model was caught"
    alarm = fired(evidence.observations)
    reason = _failure_reason(evidence)
    if alarm is not None:
        at, found = alarm
        first = tally(evidence.answers).first_failed
        delay = ""
        if first is not None and first <= at:
            delay = f", {elapsed(first, at)} after the first failed request"
        words = f"by the alarm on {found.metric}, seen at {clock(at)}{delay}"
        return Proof(what=what, holds=True, found=words)
    if reason:
        return Proof(
            what=what,
            holds=not evidence.needs_alarm,
            found=f"{'NOT by an alarm' if evidence.needs_alarm else 'before any alarm'}: {reason}",
        )
    return Proof(what=what, holds=False, found="no alarm fired and no health check failed")


def _rolled_back(evidence: Evidence) -> Proof:
    before, after = evidence.before, evidence.after
    holds = (
        after.status == "InService"
        and after.endpoint_config_name == before.endpoint_config_name
        and after.model_data_url == before.model_data_url
    )
    found = f"{after.status}, with the configuration from before"
    if not holds:
        found = f"{after.status}, with {after.endpoint_config_name}"
        found += f", not {before.endpoint_config_name}"
    return Proof(what="the endpoint runs what it ran before", holds=holds, found=found)


def _reported(evidence: Evidence) -> Proof:
    return Proof(
        what="the deployment was reported as failed",
        holds=evidence.stack_status == "UPDATE_ROLLBACK_COMPLETE",
        found=f"CloudFormation: {evidence.stack_status}",
    )


def _answers(evidence: Evidence) -> Proof:
    what = "the old model answers as before"
    if isinstance(evidence.answer, str):
        return Proof(what=what, holds=False, found=evidence.answer)
    holds = equal(evidence.answer, evidence.reference)
    found = f"{len(evidence.reference)} probabilities, {'the same' if holds else 'OTHERS'}"
    return Proof(what=what, holds=holds, found=found)


def _nothing_fails_any_more(evidence: Evidence) -> Proof:
    back = in_service_again(evidence.observations)
    later = [a for a in evidence.answers if back is not None and a.sent > back]
    sound = sum(answer.outcome == "sound" for answer in later)
    return Proof(
        what="no request fails any more",
        holds=bool(later) and sound == len(later),
        found=f"{sound} of {len(later)} answered rightly since the rollback",
    )


def in_service_again(observations: Sequence[Observation]) -> float | None:
    """When the endpoint was first seen in service after the last time that it was not."""
    back: float | None = None
    for seen in reversed(observations):
        if seen.endpoint.status != "InService":
            return back
        back = seen.at
    return None


def _failure_reason(evidence: Evidence) -> str | None:
    seen = [*(each.endpoint for each in evidence.observations), evidence.after]
    reasons = [endpoint.failure_reason for endpoint in seen if endpoint.failure_reason]
    return " ".join(reasons[-1].split()) if reasons else None

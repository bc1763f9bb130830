"""What happened between two looks at a rollout, in the words of somebody who tells it.

Pure: a list of sentences from two observations, or from the answers of the traffic.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from scripts.drilling.load import Answer
from scripts.drilling.observation import Alarm, Observation
from scripts.serving.live import LiveEndpoint

Tone = Literal["neutral", "bad", "good"]

_PHASES: Final = {
    "Creating": "a second fleet starts with the broken model; the first goes on answering",
    "ActivatingTraffic": "the new fleet passed its health checks; traffic begins to move to it",
    "Baking": "the new fleet is watched under real traffic",
    "Deleting": "one of the two fleets is being stopped",
    "Updating": "the new fleet is being changed",
}
_STATUSES: Final[dict[str, tuple[str, Tone]]] = {
    "Updating": ("SageMaker begins the update", "neutral"),
    "RollingBack": ("ROLLING BACK: the traffic returns to the first fleet", "good"),
    "UpdateRollbackFailed": ("the rollback itself failed: a mix of both models answers", "bad"),
    "Failed": ("the endpoint failed and answers nothing", "bad"),
    "OutOfService": ("the endpoint answers nothing", "bad"),
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the timeline; `at` is in seconds since the traffic began."""

    at: float
    text: str
    tone: Tone = "neutral"
    detail: str = ""
    """In the service's own words."""


def changes(before: Observation, after: Observation, sound_config: str | None) -> list[Event]:
    """What is different in `after`; `sound_config` is the configuration to come back to."""
    events = [
        *_of_the_alarms(before, after),
        *_of_the_endpoint(before.endpoint, after.endpoint, after.at, sound_config),
    ]
    if not any(alarm.fires for alarm in after.alarms.values()):
        return events
    # The endpoint's reason would be the alarm's once more.
    return [replace(event, detail="") if event.tone == "good" else event for event in events]


def _of_the_alarms(before: Observation, after: Observation) -> Iterator[Event]:
    for name, alarm in after.alarms.items():
        known = before.alarms.get(name)
        if known is not None and known.state == alarm.state:
            continue
        if alarm.fires:
            text = f"ALARM: {alarm.metric} is over its threshold"
            yield Event(at=after.at, text=text, tone="bad", detail=alarm.reason)
        elif known is not None and known.fires:
            yield Event(at=after.at, text=f"alarm {alarm.metric} is quiet again", tone="good")


def _of_the_endpoint(
    was: LiveEndpoint, is_: LiveEndpoint, at: float, sound_config: str | None
) -> Iterator[Event]:
    if is_.status != was.status and is_.status in _STATUSES:
        text, tone = _STATUSES[is_.status]
        yield Event(at=at, text=text, tone=tone, detail=is_.failure_reason or "")
    if is_.status != "RollingBack":
        for phase in phases(is_):
            if phase not in phases(was) and phase in _PHASES:
                yield Event(at=at, text=_PHASES[phase])
    share = pending_share(is_)
    if share > pending_share(was):
        yield Event(
            at=at, text=f"{share * 100:.0f} % of the traffic goes to the broken model", tone="bad"
        )
    if is_.status == "InService" and was.status != "InService":
        back = is_.endpoint_config_name == sound_config
        text = (
            "rolled back: in service with the configuration from before"
            if back
            else "the update is over: in service with the NEW configuration"
        )
        reason = is_.failure_reason or ""
        yield Event(at=at, text=text, tone="good" if back else "bad", detail=reason)


def phases(endpoint: LiveEndpoint) -> tuple[str, ...]:
    """What the fleets of an update are doing, in SageMaker's words."""
    variants = endpoint.pending.variants if endpoint.pending else endpoint.variants
    return tuple(dict.fromkeys(phase for variant in variants for phase in variant.phases))


def pending_share(endpoint: LiveEndpoint) -> float:
    """The part of the traffic that an update under way has moved so far, where it is told."""
    if endpoint.pending is None:
        return 0.0
    moved = sum(v.current_weight for v in endpoint.pending.variants if not v.shadow)
    whole = sum(v.desired_weight for v in endpoint.pending.variants if not v.shadow)
    return moved / whole if whole > 0 else 0.0


def first_failure(answers: Sequence[Answer]) -> Event | None:
    """The first request that failed, as an event at the moment when it had."""
    failed = [answer for answer in answers if answer.outcome != "sound"]
    if not failed:
        return None
    first = min(failed, key=lambda answer: answer.done)
    return Event(
        at=first.done, text=f"first request without a right answer: {first.detail}", tone="bad"
    )


def fired(observations: Sequence[Observation]) -> tuple[float, Alarm] | None:
    """When an alarm was first seen to fire, and which."""
    for seen in observations:
        for alarm in seen.alarms.values():
            if alarm.fires:
                return seen.at, alarm
    return None


def strip(answers: Sequence[Answer], width: int) -> list[float | None]:
    """The share of right answers in each of `width` equal parts of the time; None: no requests."""
    if not answers or width < 1:
        return []
    end = max(answer.sent for answer in answers) + 1e-9
    parts: list[list[bool]] = [[] for _ in range(width)]
    for answer in answers:
        parts[int(answer.sent / end * width)].append(answer.outcome == "sound")
    return [sum(part) / len(part) if part else None for part in parts]

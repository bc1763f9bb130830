"""Observations and answers as a test needs them."""

from collections.abc import Sequence
from typing import Any

from scripts.drilling.load import Answer
from scripts.drilling.observation import Alarm, Observation
from scripts.drilling.verdict import Evidence
from scripts.serving.live import LiveEndpoint, LiveVariant, PendingRollout

OLD, NEW = "config-old", "config-new"
OLD_URL = "s3://artifacts/models/old/model.tar.gz"
REFERENCE = (0.7, 0.2, 0.1)


def endpoint(status: str = "InService", **different: Any) -> LiveEndpoint:
    values: dict[str, Any] = {
        "kind": "drill",
        "name": "darkroom-local-drill",
        "status": status,
        "endpoint_config_name": OLD,
        "variants": (
            LiveVariant(
                name="champion", model_data_url=OLD_URL, current_weight=1, desired_weight=1
            ),
        ),
    }
    return LiveEndpoint(**(values | different))


def pending(phase: str, share: float = 0.0) -> PendingRollout:
    variant = LiveVariant(name="champion", phases=(phase,), current_weight=share, desired_weight=1)
    return PendingRollout(endpoint_config_name=NEW, variants=(variant,))


def seen(at: float, shown: LiveEndpoint | None = None, errors: str = "OK") -> Observation:
    alarm = Alarm(name="a1", metric="InvocationModelErrors", state=errors, reason="0.48 > 0.01")
    return Observation(at=at, endpoint=shown or endpoint(), alarms={"a1": alarm})


def answers(*outcomes: tuple[float, str]) -> list[Answer]:
    return [
        Answer(
            sent=sent,
            done=sent + 0.1,
            outcome="failed" if outcome == "ModelError 500" else "sound",
            detail=outcome,
        )
        for sent, outcome in outcomes
    ]


def caught(**different: Any) -> Evidence:
    """What is seen of a drill that goes as it should."""
    seconds: Sequence[float] = [second / 2 for second in range(60)]
    values: dict[str, Any] = {
        "before": endpoint(),
        "after": endpoint(failure_reason="One or more alarms are in ALARM: a1."),
        "stack_status": "UPDATE_ROLLBACK_COMPLETE",
        "reference": REFERENCE,
        "answer": list(REFERENCE),
        "observations": [
            seen(0),
            seen(5, endpoint("Updating", pending=pending("Creating"))),
            seen(10, endpoint("Updating", pending=pending("Baking", 1.0))),
            seen(18, endpoint("Updating", pending=pending("Baking", 1.0)), "ALARM"),
            seen(19, endpoint("RollingBack"), "ALARM"),
            seen(20, endpoint(), "ALARM"),
            seen(30, endpoint()),
        ],
        "answers": answers(
            *((second, "ModelError 500" if 10 <= second < 19 else "") for second in seconds)
        ),
        "needs_alarm": True,
    }
    return Evidence(**(values | different))

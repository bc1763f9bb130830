"""An endpoint's answer for a photo, with names: classes, the variant and its model."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.release import Release
from dataset.rules import printable
from scripts.errors import Refused

_SHOWN_BYTES = 60


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What an endpoint answered for one image."""

    file: str
    """Its name as it is; `printable` before it is shown."""

    endpoint: str
    variant: str
    """Which variant answered; its name is the role of its model in the release."""

    model: str
    """The training job of that model."""

    classes: Sequence[tuple[str, float]]
    """Every class with its probability, the most likely first."""

    milliseconds: float
    """Of the request that was answered; waiting for the endpoint is not in it."""

    inference_id: str
    """Names the request in captured data (facts C.7)."""

    resized: str | None = None

    def best(self, count: int) -> "Prediction":
        """Without all but so many classes: of a thousand photos nobody can keep a thousand each."""
        return replace(self, classes=tuple(self.classes[:count]))

    def to_json(self, top: int) -> dict[str, object]:
        value: dict[str, object] = {
            "file": printable(self.file),
            "endpoint": self.endpoint,
            "variant": self.variant,
            "model": self.model,
            "inference_id": self.inference_id,
            "milliseconds": round(self.milliseconds, 1),
            "predictions": [
                {"class": name, "probability": probability}
                for name, probability in self.classes[:top]
            ],
        }
        return value | ({"resized": self.resized} if self.resized else {})


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """A file without a prediction, and why."""

    file: str
    reason: str

    def to_json(self, top: int) -> dict[str, object]:  # noqa: ARG002 - as Prediction's
        return {"file": printable(self.file), "error": self.reason}


Outcome = Prediction | Unanswered


def ranked_classes(answer: bytes, variant: str, release: Release) -> list[tuple[str, float]]:
    """The classes of the model that answered, by probability (facts A.6).

    Raises Refused for a variant that is no role of the release and for an answer that is not one
    probability for each class: the endpoint runs something else than was released.
    """
    deploy = f"run `darkroom deploy --env {release.environment}`"
    model = release.models.get(variant)
    if model is None:
        raise Refused(
            f"variant {variant or '(none named)'} answered, but the release has "
            f"{', '.join(release.models)}, so its classes cannot be named; {deploy}"
        )
    probabilities = _probabilities(answer)
    if len(probabilities) != len(model.class_names):
        raise Refused(
            f"variant {variant} answered {_shortened(answer)}, which is not one probability for "
            f"each of the release's {len(model.class_names)} classes; the endpoint runs another "
            f"model: {deploy}"
        )
    named = zip(model.class_names, probabilities, strict=True)
    return sorted(named, key=lambda row: -row[1])


def _probabilities(answer: bytes) -> list[float]:
    try:
        return [float(value) for value in json.loads(answer)]
    except (ValueError, TypeError):
        return []


def _shortened(answer: bytes) -> str:
    text = printable(answer[:_SHOWN_BYTES].decode("utf-8", "replace"))
    return text if len(answer) <= _SHOWN_BYTES else f"{text}..."

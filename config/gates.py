"""What a model has to show before it may stand in an environment's release file."""

from dataclasses import dataclass

from config.errors import require


@dataclass(frozen=True, kw_only=True)
class GateSettings:
    """The limits of the gates of `darkroom release` and `darkroom promote` (docs/promotion.md)."""

    minimum_validation_accuracy: float = 0.0
    """From 0 to 1; the accuracy of the epoch whose model is kept (facts A.7)."""

    champion_margin: float | None = None
    """By how much the validation accuracy may be below the champion's, from 0 to 1; None compares
    with nobody."""

    served_in: str | None = None
    """The environment that has to serve a model before it comes here; None asks for no proof."""

    def __post_init__(self) -> None:
        require(
            0 <= self.minimum_validation_accuracy <= 1,
            "gates.minimum_validation_accuracy",
            found=self.minimum_validation_accuracy,
            limit="from 0 to 1",
        )
        margin = self.champion_margin
        require(
            margin is None or 0 <= margin <= 1,
            "gates.champion_margin",
            found=margin,
            limit="from 0 to 1, or None to compare with nobody",
        )

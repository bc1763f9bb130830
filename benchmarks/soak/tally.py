"""The count of what became of all requests."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles

from benchmarks.soak.outcome import Answered, Failed, Lost, MixedUp, Outcome


@dataclass
class Tally:
    """Of one client, or of several added up. Not thread-safe: each client keeps its own."""

    models: Counter[str] = field(default_factory=Counter)
    """Correct answers by the model that gave them."""
    errors: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    mixed_up: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """How long each correct answer took."""

    @property
    def answered(self) -> int:
        return self.models.total()

    @property
    def requests(self) -> int:
        return self.answered + self.errors.total() + len(self.lost) + len(self.mixed_up)

    def count(self, outcome: Outcome, seconds: float) -> None:
        match outcome:
            case Answered(model):
                self.models[model] += 1
                self.seconds.append(seconds)
            case Failed(code):
                self.errors[code] += 1
            case Lost(how):
                self.lost.append(how)
            case MixedUp(how):
                self.mixed_up.append(how)

    def add(self, other: "Tally") -> None:
        self.models += other.models
        self.errors += other.errors
        self.lost += other.lost
        self.mixed_up += other.mixed_up
        self.seconds += other.seconds

    def percentile_ms(self, percent: int) -> float:
        """Of the correct answers' durations, which are two at least."""
        return 1000 * quantiles(self.seconds, n=100, method="inclusive")[percent - 1]

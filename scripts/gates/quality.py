"""Gates: good enough, and not much worse than who answers now."""

from decimal import Decimal
from typing import Final

from config.release import ReleasedModel
from scripts.gates.candidate import Candidate, is_same
from scripts.gates.finding import Finding, Outcome

_TRAIN_AGAIN: Final = "train a better model (more epochs, more or cleaner photos)"


def accuracy(candidate: Candidate) -> Finding:
    """The validation accuracy reaches the environment's minimum."""
    found = _accuracy(candidate.model)
    minimum = _exact(candidate.settings.gates.minimum_validation_accuracy)
    return Finding(
        gate="accuracy",
        what="validation accuracy",
        value=_shown(found),
        limit=f"at least {_shown(minimum)}",
        outcome=Outcome.of(found >= minimum),
        remedy=_TRAIN_AGAIN,
        may_be_overridden=True,
    )


def champion(candidate: Candidate) -> Finding:
    """The validation accuracy is not below the champion's by more than the margin, in any role."""
    model, margin = candidate.model, candidate.settings.gates.champion_margin
    best, found = candidate.champion, _accuracy(model)
    value, limit, holds = _shown(found), "asked of nobody", True
    if best is None:
        value = f"{value}; there is no champion yet"
    elif is_same(best, model):
        value = f"{value}; it is the champion"
    else:
        value = f"{value}; the champion's is {_shown(_accuracy(best))}"
        if best.dataset_id != model.dataset_id:
            # The two numbers are of different questions; who reads them should know.
            value += f", measured on other photos (dataset {best.dataset_id[:8]})"
    if margin is not None:
        limit = f"at most {_shown(_exact(margin))} below the champion"
        if best is not None and not is_same(best, model):
            least = _accuracy(best) - _exact(margin)
            limit = f"at least {_shown(least)}, {limit}"
            holds = found >= least
    return Finding(
        gate="champion",
        what="validation accuracy",
        value=value,
        limit=limit,
        outcome=Outcome.of(holds),
        remedy=_TRAIN_AGAIN,
        may_be_overridden=True,
    )


def _accuracy(model: ReleasedModel) -> Decimal:
    return _exact(model.metrics["validation_accuracy"])


def _exact(number: float) -> Decimal:
    """As it is written: in binary fractions 0.8 - 0.1 is more than 0.7."""
    return Decimal(repr(number))


def _shown(number: Decimal) -> str:
    return f"{number:f}"

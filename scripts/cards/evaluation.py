"""The section of the card about what was measured: accuracies by epoch, and the best of them."""

from urllib.parse import quote

from dataset.split import Split
from scripts.cards.description import NOT_RECORDED
from scripts.cards.facts import CardFacts, known
from scripts.cards.markdown import folded, plain, section, table
from scripts.serving.agreement import tenths
from scripts.training.history import Epoch


def evaluation(facts: CardFacts, picture: str | None) -> str:
    """How good it is, on what, and compared with what."""
    image = f"![Accuracy by epoch]({quote(picture)})" if picture else ""
    return section("Evaluation", _verdict(facts), _baseline(facts), _epochs(facts), image)


def _verdict(facts: CardFacts) -> str:
    accuracy, best = facts.validation_accuracy, facts.best
    if accuracy is None:
        return f"The validation accuracy is {NOT_RECORDED}: the job's log is gone."
    told = f"**Validation accuracy {accuracy:.4f}**"
    if facts.dataset is not None:
        told += f" on {facts.dataset.total(Split.VALIDATION):,} images"
    interval = facts.accuracy_interval
    if interval is not None:
        told += f" ({tenths(interval.low)} to {tenths(interval.high)} with 95 % confidence)"
    if best is None:
        return f"{told}, as the release file recorded it; the job's log is gone."
    return f"{told}, in epoch {best.number}, whose model is kept."


def _baseline(facts: CardFacts) -> str:
    if facts.commonest is None:
        return ""
    name, share = facts.commonest
    return f"Always answering {plain(name)}, the commonest class, would be right {tenths(share)}."


def _epochs(facts: CardFacts) -> str:
    best = facts.best
    if best is None:
        return f"Accuracies by epoch are {NOT_RECORDED}."
    header = ("epoch", "training accuracy", "validation accuracy", "seconds")
    rows = [_row(epoch, kept=epoch.number == best.number) for epoch in facts.epochs]
    body = table((*header, ""), [*rows], right=header)
    return folded(f"Accuracy of {len(rows)} epochs", body, len(rows))


def _row(epoch: Epoch, *, kept: bool) -> tuple[str, ...]:
    train, seconds = known(epoch.train_accuracy), known(epoch.seconds)
    return (
        str(epoch.number),
        NOT_RECORDED if train is None else f"{train:.4f}",
        f"{epoch.validation_accuracy:.4f}",
        NOT_RECORDED if seconds is None else f"{seconds:.1f}",
        "kept" if kept else "",
    )

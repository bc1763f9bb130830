"""The section of the card about the data: what dataset.json says."""

from dataset.description import Description, Inspection
from dataset.split import Split
from scripts.cards.description import NOT_RECORDED
from scripts.cards.facts import CardFacts
from scripts.cards.markdown import code, folded, plain, section, table


def data(facts: CardFacts) -> str:
    """Which images it was trained and validated on."""
    dataset = facts.dataset
    if dataset is None:
        told = f"Dataset {code(facts.job.dataset_id)}; what is in it is {NOT_RECORDED}."
        return section("Data", told)
    return section("Data", _identity(dataset), _counts(dataset), _inspection(dataset.inspection))


def _identity(dataset: Description) -> str:
    source = ", ".join(plain(value) for value in dataset.source.values())
    split = (
        f"{dataset.validation_fraction:g} of each class held back for validation, seed "
        f"{dataset.seed}"
    )
    rows = [
        ("dataset", code(dataset.id)),
        ("SHA-256 of its content", code(dataset.digest)),
        ("source", source or NOT_RECORDED),
        ("split", split),
        ("images kept together", plain(dataset.grouping) if dataset.grouping else "none"),
        ("decoded to the last pixel", "yes" if dataset.inspection.verified else "no"),
    ]
    return table(("", ""), rows)


def _counts(dataset: Description) -> str:
    train, validation = (dataset.counts[split] for split in (Split.TRAIN, Split.VALIDATION))
    rows = [
        (str(label), plain(name), f"{train[name]:,}", f"{validation[name]:,}")
        for label, name in enumerate(dataset.classes)
    ]
    totals = [f"**{dataset.total(split):,}**" for split in (Split.TRAIN, Split.VALIDATION)]
    header = ("label", "class", "training images", "validation images")
    body = table(header, [*rows, ("", "**all**", *totals)], right=("label", *header[2:]))
    return folded(f"Images of {len(rows)} classes", body, len(rows))


def _inspection(inspection: Inspection) -> str:
    rejected = sum(inspection.rejected.values())
    by_rule = ", ".join(f"{plain(rule)} {count:,}" for rule, count in inspection.rejected.items())
    return (
        f"Of {inspection.files:,} files, {inspection.accepted:,} were accepted "
        f"({inspection.accepted_bytes:,} bytes), {inspection.duplicates:,} were further copies of "
        f"one content, and {rejected:,} were rejected{f' ({by_rule})' if by_rule else ''}."
    )

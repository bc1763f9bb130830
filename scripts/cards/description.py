"""Sections of the card that describe: what the model is, what it is for, where it ends."""

from collections.abc import Iterator
from datetime import UTC
from typing import Final

from dataset.rules import MAX_ASPECT_RATIO, MAX_FILE_BYTES, MAX_SIDE_PIXELS, MIN_SIDE_PIXELS
from dataset.split import Split
from scripts.cards.facts import IMBALANCE, CardFacts
from scripts.cards.markdown import bullets, code, plain, section, table
from scripts.serving.agreement import tenths

NOT_RECORDED: Final = "not recorded"

_MODEL_CHANNEL: Final = "model"
"""Of a job that goes on training an earlier model (facts A.2)."""


def model_details(facts: CardFacts) -> str:
    """What kind of network it is, and what made it."""
    chosen = facts.hyperparameters
    ended = facts.job.ended_at
    rows = [
        ("what it does", f"says which of {chosen.num_classes} classes a photo belongs to"),
        ("network", f"ResNet of {chosen.num_layers} layers, trained from {_start(facts)}"),
        ("input", f"{code(str(chosen.image_shape))} (channels, height, width)"),
        ("output", "one probability a class, in label order; they add up to 1"),
        ("algorithm", f"SageMaker's image-classification contract, image {code(facts.job.image)}"),
        ("format", facts.released.artifact_format if facts.released else NOT_RECORDED),
        ("trained", f"{ended.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if ended else NOT_RECORDED),
        ("owner, contact, licence", NOT_RECORDED),
    ]
    return section("Model details", table(("", ""), rows))


def _start(facts: CardFacts) -> str:
    earlier = facts.job.manifests.get(_MODEL_CHANNEL)
    if earlier is not None:
        return f"the model at {code(earlier)}"
    if facts.hyperparameters.use_pretrained_model:
        return "ImageNet's weights, with a new last layer"
    return "nothing"


def intended_use(facts: CardFacts) -> str:
    """What it was made for, as far as training and the endpoint define it."""
    classes = facts.dataset.classes if facts.dataset else ()
    named = ", ".join(map(plain, classes)) if classes else f"their names are {NOT_RECORDED}"
    return section(
        "Intended use",
        f"To tell photos of the kind that it was trained on apart, into these "
        f"{facts.hyperparameters.num_classes} classes: {named}.",
        f"It takes one PNG or JPEG at a time, of at most {MAX_FILE_BYTES // 1024**2} MiB, each "
        f"side from {MIN_SIDE_PIXELS} to {MAX_SIDE_PIXELS} pixels and at most "
        f"{MAX_ASPECT_RATIO}:1: the rules that every image of its training data met.",
        "Out of scope, because nothing of it was measured: photos of anything else than these "
        "classes, photos of another origin than the training data's, and decisions about people.",
    )


def limits(facts: CardFacts) -> str:
    """Where it ends, each limit told from a fact."""
    return section("Limits", bullets(_limits(facts)))


def _limits(facts: CardFacts) -> Iterator[str]:
    chosen = facts.hyperparameters
    yield (
        'There is no class for "none of these": a photo of anything else gets one of the '
        f"{chosen.num_classes} names all the same."
    )
    yield (
        "The accuracy was measured on the validation images alone, and they also chose the epoch "
        "that was kept. There is no test set, so it is more likely too high than too low."
    )
    yield (
        "Which classes are taken for which others (the confusion matrix) and the accuracy of each "
        "class are not recorded; neither is whether the probabilities are calibrated."
    )
    yield (
        f"Every photo is seen at {chosen.image_shape.width} x {chosen.image_shape.height} pixels: "
        "what is not visible at that size is not seen."
    )
    if facts.dataset is None:
        yield "How many images each class had is not recorded: the dataset is no longer there."
        return
    yield from _limits_of_data(facts)
    if facts.dataset.grouping is None:
        yield (
            "Each image was put into training or validation by itself. Several photos of one "
            "subject may be on both sides, which makes the accuracy look better than it is."
        )
    yield (
        "Who or what is in the photos, where they come from and whether everybody agreed to "
        "their use is not recorded; fairness towards groups of people was not measured."
    )


def _limits_of_data(facts: CardFacts) -> Iterator[str]:
    dataset, imbalance = facts.dataset, facts.imbalance
    if dataset is None or imbalance is None:
        return
    counts = dataset.counts[Split.TRAIN]
    fewest = min(counts, key=lambda name: counts[name])
    most = max(counts, key=lambda name: counts[name])
    told = (
        f"{plain(fewest)} has the fewest training images ({counts[fewest]:,}), {plain(most)} the "
        f"most ({counts[most]:,})"
    )
    if imbalance >= IMBALANCE:
        yield (
            f"**Imbalanced:** {told}, {imbalance:.1f} times as many. A rare class is guessed less "
            "often than it occurs, and a good accuracy can hide that."
        )
    else:
        yield f"{told}: the classes are balanced within a factor of {imbalance:.1f}."
    interval = facts.accuracy_interval
    if interval is not None:
        yield (
            f"{dataset.total(Split.VALIDATION):,} validation images tell the accuracy no better "
            f"than from {tenths(interval.low)} to {tenths(interval.high)} (95 % confidence, "
            "Wilson's interval)."
        )

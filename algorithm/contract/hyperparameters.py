"""Every hyperparameter of the built-in algorithm in one typed table, and how strings become one.

SageMaker carries hyperparameters as strings. The table is the dataclass itself: each field has a
type, a kind (notation and range) and a default; the source is facts sheet A.1. The messages raised
here are shown by the CLI before launch, and by the container with the prefix `ClientError: `.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, cast, get_type_hints

from algorithm.contract.kinds import (
    Choice,
    Depth,
    Epochs,
    ImageShape,
    Integer,
    Kind,
    Real,
    Shape,
    Switch,
)

SMALL_IMAGE_DEPTHS = (20, 32, 44, 56, 110)
IMAGENET_DEPTHS = (18, 34, 50, 101, 152, 200)
IMAGENET_SHAPE = ImageShape(3, 224, 224)

# A tuning job adds it to the hyperparameters of every training job that it starts.
TUNING_OBJECTIVE = "_tuning_objective_metric"

_Positive = Annotated[int, Integer(minimum=1)]
_Fraction = Annotated[float, Real(0.0, 1.0)]
_Flag = Annotated[bool, Switch(off="0", on="1")]


OPTIMIZER_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("momentum", "weight_decay"),
    "nag": ("momentum", "weight_decay"),
    "adam": ("beta_1", "beta_2", "eps"),
    "rmsprop": ("gamma", "eps"),
}
"What each optimizer uses besides the learning rate (the notes of A.1)."


class HyperparameterError(ValueError):
    """A hyperparameter is unknown, missing, or out of its range; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """What a training job is asked to do, in the names of the built-in algorithm (A.1)."""

    num_classes: _Positive
    num_training_samples: _Positive

    epochs: _Positive = 30
    mini_batch_size: _Positive = 32
    image_shape: Annotated[ImageShape, Shape()] = IMAGENET_SHAPE
    resize: Annotated[int | None, Integer(minimum=1)] = None
    "The shortest side of an image becomes this many pixels before the crop to `image_shape`."
    augmentation_type: Annotated[
        str | None, Choice(("crop", "crop_color", "crop_color_transform"))
    ] = None

    num_layers: Annotated[int, Depth(SMALL_IMAGE_DEPTHS + IMAGENET_DEPTHS)] = 152
    use_pretrained_model: _Flag = False
    multi_label: _Flag = False
    use_weighted_loss: _Flag = False
    precision_dtype: Annotated[str, Choice(("float32", "float16"))] = "float32"
    kv_store: Annotated[str | None, Choice(("dist_sync", "dist_async"))] = None

    optimizer: Annotated[str, Choice(("sgd", "adam", "rmsprop", "nag"))] = "sgd"
    learning_rate: _Fraction = 0.1
    lr_scheduler_factor: _Fraction = 0.1
    lr_scheduler_step: Annotated[tuple[int, ...], Epochs()] = ()
    momentum: _Fraction = 0.9
    weight_decay: _Fraction = 0.0001
    beta_1: _Fraction = 0.9
    beta_2: _Fraction = 0.999
    gamma: _Fraction = 0.9
    eps: _Fraction = 1e-8

    early_stopping: Annotated[bool, Switch(off="False", on="True")] = False
    early_stopping_min_epochs: _Positive = 10
    early_stopping_patience: _Positive = 5
    early_stopping_tolerance: _Fraction = 0.0
    "Relative: an improvement of less than this share of the best accuracy counts as none."

    checkpoint_frequency: Annotated[int | None, Integer(minimum=1)] = None
    top_k: Annotated[int | None, Integer(minimum=2)] = None


KINDS: Mapping[str, Kind] = {
    name: cast("Kind", annotation.__metadata__[0])
    for name, annotation in get_type_hints(Hyperparameters, include_extras=True).items()
}
REQUIRED = tuple(field.name for field in fields(Hyperparameters) if field.default is MISSING)


def parse(strings: Mapping[str, str]) -> Hyperparameters:
    """Read the strings of a training job.

    Raises HyperparameterError for the first name, value or combination that the built-in
    algorithm does not accept.
    """
    given = {name: text for name, text in strings.items() if name != TUNING_OBJECTIVE}
    for name in given:
        if name not in KINDS:
            raise HyperparameterError(_unknown(name))
    for name in REQUIRED:
        if name not in given:
            raise HyperparameterError(
                f"hyperparameter {name} is missing: it has no default; give {KINDS[name].limits}"
            )
    values = {name: _read(name, text) for name, text in given.items()}
    # The kinds guarantee the types that the annotations state; a test goes through all of them.
    hyperparameters = Hyperparameters(**values)  # type: ignore[arg-type]
    for conflict in _conflicts(hyperparameters):
        raise HyperparameterError(conflict)
    return hyperparameters


def without_effect(strings: Mapping[str, str]) -> tuple[str, ...]:
    """Say, one line each, which given hyperparameters this job accepts but does not use.

    The built-in accepts them too, and a tuning job that varies the optimizer has to send them,
    so they are worth a warning and no error.
    """
    chosen = parse(strings)
    return tuple(
        f"hyperparameter {name}={strings[name]} has no effect: it needs {need}"
        for name, need in _unmet_needs(chosen)
        if name in strings
    )


def _unmet_needs(chosen: Hyperparameters) -> Iterator[tuple[str, str]]:
    users: dict[str, list[str]] = {}
    for optimizer, names in OPTIMIZER_PARAMETERS.items():
        for name in names:
            users.setdefault(name, []).append(optimizer)
    for name, optimizers in users.items():
        if chosen.optimizer not in optimizers:
            yield name, f"optimizer {' or '.join(optimizers)}"
    if not chosen.lr_scheduler_step:
        yield "lr_scheduler_factor", "lr_scheduler_step"
    if not chosen.early_stopping:
        for name in KINDS:
            if name.startswith("early_stopping_"):
                yield name, "early_stopping=True"


def _read(name: str, text: object) -> object:
    kind = KINDS[name]
    if not isinstance(text, str):
        raise HyperparameterError(
            f"hyperparameter {name} is {text!r}, but SageMaker carries strings: write '{text}'"
        )
    try:
        return kind.read(text)
    except ValueError:
        raise HyperparameterError(
            f"hyperparameter {name} is '{_shortened(text)}', but it must be {kind.limits}"
        ) from None


def _unknown(name: str) -> str:
    closest = difflib.get_close_matches(name, KINDS, n=1)
    remedy = f"did you mean {closest[0]}?" if closest else f"known are {', '.join(sorted(KINDS))}"
    return f"hyperparameter '{_shortened(name)}' does not exist; {remedy}"


def _shortened(text: str) -> str:
    # Line breaks and the like are shown escaped: a message stays one line.
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:60])
    return shown if len(text) <= 60 else f"{shown[:57]}..."


def _conflicts(chosen: Hyperparameters) -> Iterator[str]:
    if chosen.use_pretrained_model and chosen.image_shape != IMAGENET_SHAPE:
        yield (
            f"hyperparameter image_shape is '{chosen.image_shape}', "
            f"but use_pretrained_model=1 needs '{IMAGENET_SHAPE}'; change one of the two"
        )
    if chosen.use_pretrained_model and chosen.num_layers not in IMAGENET_DEPTHS:
        yield (
            f"hyperparameter num_layers is {chosen.num_layers}, "
            f"but use_pretrained_model=1 needs {Depth(IMAGENET_DEPTHS).limits}"
        )
    if chosen.use_weighted_loss and not chosen.multi_label:
        yield "hyperparameter use_weighted_loss is 1, but it needs multi_label=1"
    if chosen.checkpoint_frequency is not None and chosen.checkpoint_frequency > chosen.epochs:
        yield (
            f"hyperparameter checkpoint_frequency is {chosen.checkpoint_frequency}, "
            f"but it must be at most epochs, which is {chosen.epochs}"
        )
    if chosen.mini_batch_size > chosen.num_training_samples:
        yield (
            f"hyperparameter mini_batch_size is {chosen.mini_batch_size}, but it must be at most "
            f"num_training_samples, which is {chosen.num_training_samples}"
        )
    shorter = min(chosen.image_shape.height, chosen.image_shape.width)
    if chosen.resize is not None and chosen.resize < shorter:
        yield (
            f"hyperparameter resize is {chosen.resize}, but it must be at least {shorter}, the "
            f"shorter side of image_shape '{chosen.image_shape}': no image could be cropped to it"
        )

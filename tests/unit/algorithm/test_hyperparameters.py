"""Every hyperparameter of the built-in algorithm is read, and what is wrong is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithm.contract.hyperparameters import (
    KINDS,
    REQUIRED,
    HyperparameterError,
    Hyperparameters,
    parse,
    without_effect,
)
from algorithm.contract.kinds import ImageShape

NEEDED = {"num_classes": "10", "num_training_samples": "1000"}

# One accepted value for each row of facts sheet A.1, and how it reads.
ACCEPTED = {
    "num_classes": ("257", 257),
    "num_training_samples": ("15420", 15420),
    "augmentation_type": ("crop_color_transform", "crop_color_transform"),
    "beta_1": ("0.5", 0.5),
    "beta_2": ("1", 1.0),
    "checkpoint_frequency": ("30", 30),
    "early_stopping": ("True", True),
    "early_stopping_min_epochs": ("2", 2),
    "early_stopping_patience": ("1", 1),
    "early_stopping_tolerance": (".01", 0.01),
    "epochs": ("7", 7),
    "eps": ("1e-08", 1e-8),
    "gamma": ("0", 0.0),
    "image_shape": ("1,28,30", ImageShape(1, 28, 30)),
    "kv_store": ("dist_async", "dist_async"),
    "learning_rate": ("1e-3", 0.001),
    "lr_scheduler_factor": ("0.2", 0.2),
    "lr_scheduler_step": ("10,20", (10, 20)),
    "mini_batch_size": ("128", 128),
    "momentum": ("0.9", 0.9),
    "multi_label": ("1", True),
    "num_layers": ("110", 110),
    "optimizer": ("nag", "nag"),
    "precision_dtype": ("float16", "float16"),
    "resize": ("256", 256),
    "top_k": ("2", 2),
    "use_pretrained_model": ("0", False),
    "weight_decay": ("0.0001", 0.0001),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_each_documented_hyperparameter_is_read(name: str) -> None:
    text, value = ACCEPTED[name]
    assert getattr(parse(NEEDED | {name: text}), name) == value


def test_the_table_holds_exactly_the_documented_names() -> None:
    assert {*ACCEPTED, "use_weighted_loss"} == set(KINDS)
    assert REQUIRED == ("num_classes", "num_training_samples")


def test_the_defaults_are_the_built_ins() -> None:
    chosen = parse(NEEDED)
    assert (chosen.epochs, chosen.mini_batch_size, chosen.num_layers) == (30, 32, 152)
    assert (chosen.optimizer, chosen.learning_rate, chosen.momentum) == ("sgd", 0.1, 0.9)
    assert str(chosen.image_shape) == "3,224,224"


@pytest.mark.parametrize(
    ("name", "text", "limit"),
    [
        ("num_classes", "0", "at least 1"),
        ("num_classes", "ten", "a whole number"),
        ("num_classes", "1_000", "a whole number"),
        ("mini_batch_size", "32.0", "a whole number"),
        ("learning_rate", "1.5", "from 0 to 1"),
        ("learning_rate", "nan", "from 0 to 1"),
        ("learning_rate", "", "from 0 to 1"),
        ("learning_rate", "-0.1", "from 0 to 1"),
        ("optimizer", "SGD", "one of sgd, adam, rmsprop, nag"),
        ("num_layers", "19", "one of 20, 32"),
        ("image_shape", "224,224", "channels"),
        ("image_shape", "4,224,224", "channels"),
        ("image_shape", "3,0,224", "channels"),
        ("lr_scheduler_step", "20,10", "rising"),
        ("lr_scheduler_step", "10,", "rising"),
        ("early_stopping", "1", "False or True"),
        ("use_pretrained_model", "True", "0 or 1"),
        ("top_k", "1", "at least 2"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_limit(name: str, text: str, limit: str) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        parse(NEEDED | {name: text})
    assert f"{name} is '{text}'" in str(refusal.value)
    assert limit in str(refusal.value)


def test_a_misspelt_name_is_answered_with_the_closest_one() -> None:
    with pytest.raises(HyperparameterError, match="did you mean mini_batch_size"):
        parse(NEEDED | {"mini_batch_siz": "3"})


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_hyperparameter_is_named(name: str) -> None:
    with pytest.raises(HyperparameterError, match=f"{name} is missing"):
        parse({other: text for other, text in NEEDED.items() if other != name})


@pytest.mark.parametrize(
    ("strings", "text"),
    [
        ({"use_pretrained_model": "1", "image_shape": "3,32,32"}, "needs '3,224,224'"),
        ({"use_pretrained_model": "1", "num_layers": "20"}, "needs one of 18, 34"),
        ({"use_weighted_loss": "1"}, "multi_label=1"),
        ({"epochs": "3", "checkpoint_frequency": "4"}, "at most epochs, which is 3"),
        ({"mini_batch_size": "1001"}, "at most num_training_samples, which is 1000"),
        ({"image_shape": "3,32,64", "resize": "31"}, "at least 32"),
    ],
)
def test_values_that_exclude_each_other_are_refused(strings: dict[str, str], text: str) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        parse(NEEDED | strings)
    assert text in str(refusal.value)


def test_fine_tuning_as_the_project_configures_it_is_accepted() -> None:
    chosen = parse(
        NEEDED | {"use_pretrained_model": "1", "image_shape": "3,224,224", "num_layers": "50"}
    )
    assert chosen.use_pretrained_model


def test_the_name_that_a_tuning_job_adds_is_accepted() -> None:
    assert isinstance(parse(NEEDED | {"_tuning_objective_metric": "any"}), Hyperparameters)


def test_what_the_optimizer_does_not_use_is_told_and_not_refused() -> None:
    strings = NEEDED | {"optimizer": "adam", "momentum": "0.5", "beta_1": "0.8", "eps": "0.1"}
    assert without_effect(strings) == (
        "hyperparameter momentum=0.5 has no effect: it needs optimizer sgd or nag",
    )


@given(st.dictionaries(st.sampled_from([*KINDS, "other"]), st.text(max_size=12)))
def test_any_strings_are_either_read_or_refused_in_one_line(strings: dict[str, str]) -> None:
    try:
        parse(NEEDED | strings)
    except HyperparameterError as refusal:
        assert len(str(refusal).splitlines()) == 1  # noqa: PT017 - either outcome is right

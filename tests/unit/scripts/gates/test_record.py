"""A model that cannot be traced back, or whose record contradicts itself, is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from scripts.gates.record import recorded
from tests.releases import any_model
from tests.unit.scripts.gates.candidates import any_candidate

SOUND: Mapping[str, str] = any_model().hyperparameters


def test_a_complete_record_passes_and_is_shown() -> None:
    finding = recorded(any_candidate())
    assert not finding.refused
    assert finding.value == "dataset 01234567, 2 hyperparameters, the job"


@pytest.mark.parametrize(
    ("different", "flaw"),
    [
        ({"dataset_id": " "}, "no dataset"),
        ({"training_job_arn": "x:training-job/darkroom-dev-first"}, "is no ARN of a training job"),
        ({"hyperparameters": {}}, "hyperparameter num_classes is missing"),
        ({"hyperparameters": {**SOUND, "epoch": "3"}}, "hyperparameter 'epoch' does not exist"),
        ({"hyperparameters": {**SOUND, "epochs": "nan"}}, "hyperparameter epochs is 'nan'"),
        ({"hyperparameters": {**SOUND, "epochs": "3"}}, "the best epoch is 4, but hyperparameter"),
        ({"class_names": ("cat", "dog", "fox")}, "num_classes is 2, but 3 classes are named"),
        ({"image_shape": "3,32,32"}, "image_shape is 3,224,224, but the model's is 3,32,32"),
        ({"metrics": {"validation_accuracy": 1.0, "best_epoch": 0}}, "the best epoch is 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_missing_or_does_not_belong_together_is_named(
    different: dict[str, Any], flaw: str
) -> None:
    finding = recorded(any_candidate(any_model(**different)))
    assert finding.refused
    assert flaw in finding.value
    assert "train with `darkroom train`" in finding.remedy


def test_several_flaws_are_told_at_once() -> None:
    found = recorded(
        any_candidate(any_model(image_shape="3,32,32", class_names=("cat", "dog", "fox")))
    )
    assert "num_classes" in found.value
    assert "image_shape" in found.value


def test_nobody_passes_it_by_a_word() -> None:
    assert not recorded(any_candidate()).may_be_overridden


def test_a_record_without_the_best_epoch_is_complete() -> None:
    assert not recorded(any_candidate(any_model(metrics={"validation_accuracy": 1.0}))).refused


def test_a_job_of_another_account_or_partition_is_a_training_job_too() -> None:
    arn = "arn:aws-us-gov:sagemaker:us-gov-west-1:444455556666:training-job/darkroom-dev-first"
    assert not recorded(any_candidate(any_model(training_job_arn=arn))).refused

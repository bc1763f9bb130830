"""Gate: the model can be traced back to the training job, the dataset and the settings of both."""

import re
from collections.abc import Iterator
from typing import Final

from algorithm.contract.hyperparameters import HyperparameterError, parse
from config.release import ReleasedModel
from scripts.gates.candidate import Candidate
from scripts.gates.finding import Finding, Outcome

_ARN: Final = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:training-job/(.+)")


def recorded(candidate: Candidate) -> Finding:
    """Dataset, hyperparameters and training job are named, and speak of the same model."""
    model = candidate.model
    flaws = list(_flaws(model))
    return Finding(
        gate="recorded",
        what="the record of dataset, hyperparameters and training job",
        value="; ".join(flaws)
        or f"dataset {model.dataset_id[:8]}, {len(model.hyperparameters)} hyperparameters, the job",
        limit="all there, and of one training job",
        outcome=Outcome.of(not flaws),
        remedy="train with `darkroom train`, and release that job",
    )


def _flaws(model: ReleasedModel) -> Iterator[str]:
    arn = _ARN.fullmatch(model.training_job_arn)
    if arn is None:
        yield f"{model.training_job_arn} is no ARN of a training job"
    if not model.training_job_name.strip():
        yield "no name of a training job"
    if not model.dataset_id.strip():
        yield "no dataset"
    try:
        asked = parse(model.hyperparameters)
    except HyperparameterError as error:
        yield str(error)
        return
    classes = len(model.class_names)
    if asked.num_classes != classes:
        yield f"hyperparameter num_classes is {asked.num_classes}, but {classes} classes are named"
    if str(asked.image_shape) != model.image_shape:
        yield (
            f"hyperparameter image_shape is {asked.image_shape}, but the model's is "
            f"{model.image_shape}"
        )
    best = model.metrics.get("best_epoch")
    if best is not None and not 1 <= best <= asked.epochs:
        yield f"the best epoch is {best:g}, but hyperparameter epochs is {asked.epochs}"

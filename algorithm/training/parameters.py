"""The log's account of what a job is about to do, as the built-in gives it (facts sheet A.7)."""

from collections.abc import Iterator
from dataclasses import fields

from algorithm.contract.hyperparameters import OPTIMIZER_PARAMETERS, Hyperparameters
from algorithm.training import log

_DEFAULT_NAMES = (
    *("use_pretrained_model", "num_layers", "epochs", "learning_rate", "lr_scheduler_factor"),
    *("optimizer", "momentum", "weight_decay", "beta_1", "beta_2", "eps", "gamma"),
    *("mini_batch_size", "image_shape", "precision_dtype"),
)


def default_configuration() -> dict[str, object]:
    """The defaults that the built-in prints, in its order and notation."""
    defaults = {field.name: field.default for field in fields(Hyperparameters)}
    return {name: _plain(defaults[name]) for name in _DEFAULT_NAMES}


def log_parameters(chosen: Hyperparameters, threads: int) -> None:
    """Write the block of parameters."""
    for line in _lines(chosen, threads):
        log.info(line)


def _lines(chosen: Hyperparameters, threads: int) -> Iterator[str]:
    yield f"use_pretrained_model: {chosen.use_pretrained_model:d}"
    yield f"multi_label: {chosen.multi_label:d}"
    yield "Performing random weight initialization"
    yield "---- Parameters ----"
    yield f"num_layers: {chosen.num_layers}"
    yield f"data type: <class 'numpy.{chosen.precision_dtype}'>"
    yield f"epochs: {chosen.epochs}"
    if chosen.resize is not None:
        yield f"image resize size: {chosen.resize}"
    yield f"optimizer: {chosen.optimizer}"
    for name in OPTIMIZER_PARAMETERS[chosen.optimizer]:
        yield f"{name}: {getattr(chosen, name)}"
    yield f"learning_rate: {chosen.learning_rate}"
    if chosen.lr_scheduler_step:
        yield f"lr_scheduler_step: {','.join(map(str, chosen.lr_scheduler_step))}"
        yield f"lr_scheduler_factor: {chosen.lr_scheduler_factor}"
    yield f"num_training_samples: {chosen.num_training_samples}"
    yield f"mini_batch_size: {chosen.mini_batch_size}"
    yield f"image_shape: {chosen.image_shape}"
    yield f"num_classes: {chosen.num_classes}"
    yield f"augmentation_type: {chosen.augmentation_type}"
    yield "kv_store: device"
    if chosen.top_k is not None:
        yield f"top_k: {chosen.top_k}"
    if chosen.checkpoint_frequency is None:
        yield "checkpoint_frequency not set, will store the best model"
    else:
        yield f"checkpoint_frequency: {chosen.checkpoint_frequency}"
    yield "--------------------"
    yield f"Setting number of threads: {threads}"


def _plain(value: object) -> object:
    # The built-in's file writes flags as 0 and 1, and the shape as a string.
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, tuple) else value

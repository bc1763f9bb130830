"""A training job from its configuration files to its exit code (facts sheet B.1)."""

import json
import os
from pathlib import Path
from typing import Any

from algorithm.contract.hyperparameters import (
    HyperparameterError,
    Hyperparameters,
    parse,
    without_effect,
)
from algorithm.cores import cores
from algorithm.failure import AlgorithmError, ClientError, write_reason
from algorithm.layout import Layout
from algorithm.training import log
from algorithm.training.channel import Channel, check_channels
from algorithm.training.honoured import refuse_unsupported
from algorithm.training.model_directory import ModelDirectory
from algorithm.training.parameters import default_configuration, log_parameters
from algorithm.training.stop import Stop, Stopped


def run(layout: Layout, stop: Stop) -> int:
    """Train as the files under `layout` say; returns the exit code."""
    log.start()
    try:
        _train(layout, stop)
    except Stopped:
        log.info("Stopped on request; the best model stored so far is the result.")
    except ClientError as failure:
        log.error(failure.reason)
        return _failed(failure, layout)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the platform needs a reason
        failure_of_ours = AlgorithmError.of(problem)
        log.error(failure_of_ours.reason, cause=problem)
        return _failed(failure_of_ours, layout)
    return 0


def _train(layout: Layout, stop: Stop) -> None:
    provided = _json_object(layout.hyperparameters)
    defaults = default_configuration()
    log.info(
        f"Reading default configuration from algorithm/contract/hyperparameters.py: {defaults}"
    )
    log.info(f"Merging with provided configuration from {layout.hyperparameters}: {provided}")
    log.info(f"Final configuration: {defaults | provided}")
    try:
        chosen = parse(provided)
        refuse_unsupported(chosen)
    except HyperparameterError as refusal:
        raise ClientError(str(refusal)) from None
    for line in without_effect(provided):
        log.warning(line)
    if chosen.kv_store is not None:
        log.warning(f"hyperparameter kv_store={chosen.kv_store} has no effect: one instance trains")
    check_channels(_json_object(layout.channels))
    _check_hosts(layout)
    stop.raise_if_requested()
    _train_network(chosen, layout, stop)


def _train_network(chosen: Hyperparameters, layout: Layout, stop: Stop) -> None:
    threads = cores()
    log_parameters(chosen, threads)
    # OpenMP's threads spin while they wait for each other. With a core to each that is a third
    # faster; as soon as any other process wants a core it is three times slower. Read by torch
    # when it is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Importing torch takes seconds: whatever can be refused has been by now.
    from algorithm.training.loop import Job, train

    train(
        Job(
            chosen=chosen,
            training=Channel("train", layout, chosen.num_classes),
            validation=Channel("validation", layout, chosen.num_classes),
            models=ModelDirectory(layout.model, chosen.image_shape),
            stop=stop,
            threads=threads,
        )
    )


def _check_hosts(layout: Layout) -> None:
    if not layout.resources.exists():
        return
    hosts = _json_object(layout.resources).get("hosts", [])
    if len(hosts) > 1:
        raise ClientError(
            f"This image trains on one instance, but the job has {len(hosts)}: set InstanceCount=1."
        )


def _json_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ClientError(f"{path} does not exist. Start this image as a training job.") from None
    except ValueError as problem:
        raise ClientError(f"{path} is not JSON: {problem}.") from None
    if not isinstance(content, dict):
        raise ClientError(f"{path} must hold a JSON object.")
    return content


def _failed(failure: ClientError | AlgorithmError, layout: Layout) -> int:
    write_reason(failure, layout.failure)
    return failure.exit_code

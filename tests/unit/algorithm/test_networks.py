"""The networks are the paper's, and the exported model answers as the trained one does."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from algorithm.contract.hyperparameters import (
    IMAGENET_DEPTHS,
    SMALL_IMAGE_DEPTHS,
    Hyperparameters,
    parse,
)
from algorithm.contract.kinds import ImageShape
from algorithm.training.early_stopping import EarlyStopping
from algorithm.training.onnx_graph import onnx_model
from algorithm.training.optimization import build_optimizer, learning_rate
from algorithm.training.resnet import Residual, resnet


def any_network(num_layers: int, shape: ImageShape, num_classes: int = 5) -> nn.Sequential:
    """A network whose running statistics have seen data, so that they matter."""
    torch.manual_seed(num_layers)
    network = resnet(num_layers=num_layers, channels=shape.channels, num_classes=num_classes)
    network.train()
    with torch.no_grad():
        network(torch.rand(8, *shape) * 255)
    return network.eval()


@pytest.mark.parametrize("num_layers", SMALL_IMAGE_DEPTHS + IMAGENET_DEPTHS)
def test_a_network_has_as_many_layers_as_asked_for(num_layers: int) -> None:
    with torch.device("meta"):
        network = resnet(num_layers=num_layers, channels=3, num_classes=10)
    projections = sum(
        isinstance(module, nn.Conv2d)
        for block in network.modules()
        if isinstance(block, Residual)
        for module in block.shortcut
    )
    weighted = sum(isinstance(module, nn.Conv2d | nn.Linear) for module in network.modules())
    assert weighted - projections == num_layers


@pytest.mark.parametrize(
    ("num_layers", "parameters"), [(18, 11_689_512), (50, 25_557_032), (152, 60_192_808)]
)
def test_the_imagenet_networks_have_the_published_number_of_parameters(
    num_layers: int, parameters: int
) -> None:
    with torch.device("meta"):
        network = resnet(num_layers=num_layers, channels=3, num_classes=1000)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.parametrize(
    ("num_layers", "shape"),
    [
        (20, ImageShape(3, 32, 32)),
        (20, ImageShape(1, 28, 36)),
        (18, ImageShape(3, 64, 64)),
        (50, ImageShape(3, 48, 40)),
    ],
)
def test_the_exported_model_gives_the_trained_ones_probabilities(
    num_layers: int, shape: ImageShape
) -> None:
    network = any_network(num_layers, shape)
    model = onnx_model(network, shape, num_classes=5)
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    for batch in (1, 3):
        images = np.random.default_rng(batch).uniform(0, 255, (batch, *shape)).astype(np.float32)
        with torch.inference_mode():
            expected = network(torch.from_numpy(images)).softmax(dim=1).numpy()
        (probabilities,) = session.run(None, {"data": images})
        np.testing.assert_allclose(probabilities, expected, atol=1e-4)


def chosen(**strings: str) -> Hyperparameters:
    return parse({"num_classes": "5", "num_training_samples": "100"} | strings)


@pytest.mark.parametrize("optimizer", ["sgd", "nag", "adam", "rmsprop"])
def test_every_optimizer_lowers_the_loss(optimizer: str) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 5))
    inputs, labels = torch.rand(20, 4), torch.arange(20) % 5
    steps = build_optimizer(network, chosen(optimizer=optimizer, learning_rate="0.01"))

    def loss() -> torch.Tensor:
        return nn.functional.cross_entropy(network(inputs), labels)

    before = loss().item()
    for _ in range(20):
        steps.zero_grad()
        loss().backward()  # type: ignore[no-untyped-call]  # torch left it untyped
        steps.step()
    assert loss().item() < before


def test_the_optimizers_take_their_hyperparameters() -> None:
    network = nn.Sequential(nn.Linear(4, 5))
    adam = build_optimizer(network, chosen(optimizer="adam", beta_1="0.5", eps="0.01"))
    assert (adam.defaults["betas"], adam.defaults["eps"]) == ((0.5, 0.999), 0.01)
    assert build_optimizer(network, chosen(optimizer="nag")).defaults["nesterov"]
    rmsprop = build_optimizer(network, chosen(optimizer="rmsprop", gamma="0.7"))
    assert rmsprop.defaults["alpha"] == 0.7
    sgd = build_optimizer(network, chosen(momentum="0.3", weight_decay="0.02"))
    assert sgd.defaults["momentum"] == 0.3
    assert [group["weight_decay"] for group in sgd.param_groups] == [0.02, 0]


def test_the_learning_rate_falls_by_the_factor_at_each_step() -> None:
    stepped = chosen(learning_rate="0.8", lr_scheduler_step="2,4", lr_scheduler_factor="0.5")
    rates = [learning_rate(stepped, epoch) for epoch in range(5)]
    assert rates == [0.8, 0.8, 0.4, 0.4, 0.2]


@pytest.mark.parametrize(
    ("tolerance", "accuracies", "epochs"),
    [
        ("0", [0.5, 0.6, 0.6, 0.6, 0.9], 4),
        ("0", [0.5, 0.4, 0.6, 0.4, 0.6], 5),
        ("0.1", [0.5, 0.52, 0.54, 0.9], 3),
    ],
)
def test_early_stopping_waits_as_long_as_its_patience(
    tolerance: str, accuracies: list[float], epochs: int
) -> None:
    stopping = EarlyStopping(
        chosen(
            early_stopping="True",
            early_stopping_min_epochs="2",
            early_stopping_patience="2",
            early_stopping_tolerance=tolerance,
        )
    )
    ends = [stopping.ends_after(accuracy) for accuracy in accuracies]
    assert ends.index(True) + 1 == epochs


def test_early_stopping_is_off_unless_asked_for() -> None:
    stopping = EarlyStopping(chosen())
    assert not any(stopping.ends_after(0.5) for _ in range(30))

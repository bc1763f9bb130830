"""How weights follow gradients: the optimizers of facts sheet A.1 and their learning rates."""

from collections.abc import Iterable

from torch import nn
from torch.optim import SGD, Adam, Optimizer, RMSprop

from algorithm.contract.hyperparameters import Hyperparameters


def build_optimizer(network: nn.Module, chosen: Hyperparameters) -> Optimizer:
    """The optimizer with the hyperparameters that the table gives it.

    `weight_decay` belongs to sgd and nag, and as in MXNet it leaves biases and shifts alone.
    """
    if chosen.optimizer == "adam":
        betas = (chosen.beta_1, chosen.beta_2)
        return Adam(network.parameters(), lr=chosen.learning_rate, betas=betas, eps=chosen.eps)
    if chosen.optimizer == "rmsprop":
        return RMSprop(
            network.parameters(), lr=chosen.learning_rate, alpha=chosen.gamma, eps=chosen.eps
        )
    weights, others = _partition(network.named_parameters())
    groups: list[dict[str, object]] = [
        {"params": weights, "weight_decay": chosen.weight_decay},
        {"params": others},
    ]
    return SGD(
        groups,
        lr=chosen.learning_rate,
        momentum=chosen.momentum,
        # Nesterov's lookahead is along the momentum: without momentum both are plain descent.
        nesterov=chosen.optimizer == "nag" and chosen.momentum > 0,
    )


def learning_rate(chosen: Hyperparameters, epoch: int) -> float:
    """The rate in `epoch`, counted from 0: multiplied by the factor at each step reached."""
    reached = sum(step <= epoch for step in chosen.lr_scheduler_step)
    return chosen.learning_rate * float(chosen.lr_scheduler_factor**reached)


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def _partition(
    parameters: Iterable[tuple[str, nn.Parameter]],
) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    weights: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in parameters:
        (weights if name.endswith("weight") else others).append(parameter)
    return weights, others

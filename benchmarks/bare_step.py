"""The training step and nothing else: `python -m benchmarks.bare_step HYPERPARAMETERS`.

Prints images a second. The same network, optimizer, batch size and kind of tensors as the job's,
but always the same few batches, in memory already.
"""

import json
import os
import sys
import time
from itertools import cycle, islice
from statistics import median
from typing import Final

# As in a training job, and before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch.nn.functional import cross_entropy

from algorithm.contract.hyperparameters import Hyperparameters, parse
from algorithm.cores import cores
from algorithm.training.optimization import build_optimizer
from algorithm.training.resnet import resnet

_BATCHES: Final = 8
_WARM_UP: Final = 10
_STEPS: Final = 100


def main(chosen: Hyperparameters) -> float:
    """Images a second of the median step."""
    torch.set_num_threads(cores())
    torch.manual_seed(0)
    shape, size = chosen.image_shape, chosen.mini_batch_size
    network = resnet(
        num_layers=chosen.num_layers, channels=shape.channels, num_classes=chosen.num_classes
    )
    # As in the job; torch's stub of this method lacks the argument.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = build_optimizer(network, chosen)
    batches = [
        (
            torch.randint(256, (size, *shape)).float().to(memory_format=torch.channels_last),
            torch.randint(chosen.num_classes, (size,)),
        )
        for _ in range(_BATCHES)
    ]
    network.train()
    taken = []
    for images, labels in islice(cycle(batches), _WARM_UP + _STEPS):
        started = time.perf_counter()
        loss = cross_entropy(network(images), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch left it untyped
        optimizer.step()
        taken.append(time.perf_counter() - started)
    return size / median(taken[_WARM_UP:])


if __name__ == "__main__":
    sys.stdout.write(f"{main(parse(json.loads(sys.argv[1])))}\n")

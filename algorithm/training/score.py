"""How well an epoch goes: counted on the device, read back only when a line is written."""

import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor

from algorithm.contract.metrics import (
    BATCH_INTERVAL,
    BatchProgress,
    MetricLine,
    TimeCost,
    TopK,
    TrainAccuracy,
    TrainTopK,
)


class EpochScore:
    """Correct predictions, and the time, since the start of an epoch."""

    def __init__(self, epoch: int, k: int | None, device: torch.device) -> None:
        self.epoch = epoch
        self.images = 0
        self._k = k
        self._started = time.monotonic()
        self._batches = 0
        self._correct = torch.zeros((), dtype=torch.int64, device=device)
        self._correct_in_top_k = torch.zeros((), dtype=torch.int64, device=device)
        self._loss = torch.zeros((), device=device)

    def count(self, logits: Tensor, labels: Tensor, loss: Tensor) -> None:
        """Add a batch: logits (batch, class), labels (batch), and its mean loss."""
        self._correct += (logits.argmax(dim=1) == labels).sum()
        if self._k is not None:
            most_probable = logits.topk(min(self._k, logits.shape[1]), dim=1).indices
            self._correct_in_top_k += (most_probable == labels[:, None]).sum()
        self._loss += loss
        self.images += len(labels)
        self._batches += 1

    @property
    def is_line_due(self) -> bool:
        """Whether the batch just counted is one after which the built-in writes a line."""
        index = self._batches - 1
        return index > 0 and index % BATCH_INTERVAL == 0

    def progress(self) -> BatchProgress:
        return BatchProgress(
            epoch=self.epoch,
            batch=self._batches - 1,
            speed=self.images / self._seconds,
            accuracy=self._accuracy,
            top_k=self._top_k,
        )

    def summary(self) -> Iterator[MetricLine]:
        """The lines at the end of the epoch."""
        yield TrainAccuracy(epoch=self.epoch, accuracy=self._accuracy)
        if self._top_k is not None:
            yield TrainTopK(epoch=self.epoch, top_k=self._top_k)
        yield TimeCost(epoch=self.epoch, seconds=self._seconds)

    @property
    def has_diverged(self) -> bool:
        """Whether the loss of any batch was infinite or no number."""
        return not math.isfinite(float(self._loss))

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def _accuracy(self) -> float:
        return int(self._correct) / self.images

    @property
    def _top_k(self) -> TopK | None:
        if self._k is None:
            return None
        return TopK(k=self._k, accuracy=int(self._correct_in_top_k) / self.images)

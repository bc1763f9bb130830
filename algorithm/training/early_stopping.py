"""When more epochs are not worth it (the early_stopping_* rows of facts sheet A.1)."""

from algorithm.contract.hyperparameters import Hyperparameters


class EarlyStopping:
    """Counts the epochs that brought no improvement over the best one."""

    def __init__(self, chosen: Hyperparameters) -> None:
        self._chosen = chosen
        self._best: float | None = None
        self._epochs = 0
        self._waited = 0

    def ends_after(self, accuracy: float) -> bool:
        """Whether the epoch with this validation accuracy is the last one."""
        self._epochs += 1
        if self._improves(accuracy):
            self._best, self._waited = accuracy, 0
        else:
            self._waited += 1
        return (
            self._chosen.early_stopping
            and self._epochs >= self._chosen.early_stopping_min_epochs
            and self._waited >= self._chosen.early_stopping_patience
        )

    def _improves(self, accuracy: float) -> bool:
        if self._best is None:
            return True
        if accuracy <= self._best:
            return False
        # The tolerance is relative to the best; anything is an improvement over nothing.
        tolerance = self._chosen.early_stopping_tolerance
        return self._best == 0 or (accuracy - self._best) / self._best >= tolerance

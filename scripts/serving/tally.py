"""What many predictions come to: how many, how fast, by which variant, and how many right."""

from collections import Counter
from collections.abc import Collection
from pathlib import PurePath
from statistics import median

from scripts.serving.predictions import Outcome, Prediction
from scripts.serving.shares import percent


class Tally:
    """Counts outcomes; a photo in a folder named after a class has that class for its label."""

    def __init__(self, class_names: Collection[str]) -> None:
        self._class_names = class_names
        self._milliseconds: list[float] = []
        self._by_variant: Counter[str] = Counter()
        self._labelled: Counter[str] = Counter()
        self._right: Counter[str] = Counter()
        self.unanswered = 0
        self.begun = 0
        """How many files were taken up; after an end before the end, more than have outcomes."""

    @property
    def answered(self) -> int:
        return sum(self._by_variant.values())

    def add(self, outcome: Outcome) -> None:
        if not isinstance(outcome, Prediction):
            self.unanswered += 1
            return
        self._by_variant[outcome.variant] += 1
        self._milliseconds.append(outcome.milliseconds)
        label = PurePath(outcome.file).parent.name
        if label in self._class_names:
            self._labelled[outcome.variant] += 1
            self._right[outcome.variant] += outcome.classes[0][0] == label

    def lines(self, files: int, seconds: float) -> list[str]:
        """The summary of a run over so many files that took so long."""
        rate = self.answered / seconds if seconds > 0 else 0.0
        lines = [f"{self.answered:,} of {files:,} files answered in {seconds:.1f} s"]
        if self.answered:
            lines[0] += f" ({rate:.0f} a second), median {median(self._milliseconds):.0f} ms"
        width = max((len(variant) for variant in self._by_variant), default=0)
        for variant, count in sorted(self._by_variant.items()):
            answers = f"{count:,} answer{'' if count == 1 else 's'}"
            line = f"{variant.ljust(width)}  {answers} ({percent(count / self.answered)})"
            if labelled := self._labelled[variant]:
                right = self._right[variant]
                line += f", {right:,} of {labelled:,} right by folder ({percent(right / labelled)})"
            lines.append(line)
        if self.unanswered:
            lines.append(f"{self.unanswered:,} without an answer; their rows say why")
        if left := files - self.begun:
            lines.append(f"{left:,} not sent")
        if lost := self.begun - self.answered - self.unanswered:
            lines.append(f"{lost:,} under way when it ended, without a row")
        return lines

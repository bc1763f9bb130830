"""What a hyperparameter's value may be: how its string is read, and how its limits are told."""

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol


class ImageShape(NamedTuple):
    """Channels, height and width of the network's input, in the order of the hyperparameter."""

    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.channels},{self.height},{self.width}"


class Kind(Protocol):
    """A set of values and their notation as strings."""

    @property
    def limits(self) -> str:
        """The set in words that complete 'it must be ...'."""

    def read(self, text: str) -> object:
        """The value written as `text`. Raises ValueError where there is none."""


@dataclass(frozen=True)
class Integer:
    """Whole numbers from `minimum` up."""

    minimum: int

    @property
    def limits(self) -> str:
        return f"a whole number, at least {self.minimum}"

    def read(self, text: str) -> int:
        # int() alone would also take "1_000" and other scripts' digits.
        if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < self.minimum:
            raise ValueError(text)
        return int(text)


@dataclass(frozen=True)
class Real:
    """Numbers from `minimum` to `maximum`, both included."""

    minimum: float
    maximum: float

    @property
    def limits(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def read(self, text: str) -> float:
        if not re.fullmatch(r"[0-9]*\.?[0-9]*([eE][+-]?[0-9]+)?", text):
            raise ValueError(text)
        number = float(text)
        if not (math.isfinite(number) and self.minimum <= number <= self.maximum):
            raise ValueError(text)
        return number


@dataclass(frozen=True)
class Choice:
    """A few words, written exactly so."""

    words: tuple[str, ...]

    @property
    def limits(self) -> str:
        return "one of " + ", ".join(self.words)

    def read(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(text)
        return text


@dataclass(frozen=True)
class Depth:
    """One of a few numbers of layers."""

    numbers: tuple[int, ...]

    @property
    def limits(self) -> str:
        return "one of " + ", ".join(map(str, self.numbers))

    def read(self, text: str) -> int:
        if text not in map(str, self.numbers):
            raise ValueError(text)
        return int(text)


@dataclass(frozen=True)
class Switch:
    """Yes or no in the notation that the built-in algorithm uses for it."""

    off: str
    on: str

    @property
    def limits(self) -> str:
        return f"{self.off} or {self.on}"

    def read(self, text: str) -> bool:
        if text not in (self.off, self.on):
            raise ValueError(text)
        return text == self.on


@dataclass(frozen=True)
class Shape:
    """Three whole numbers: channels (3 for colour, 1 for grey), height and width in pixels."""

    limits: str = 'channels (3 or 1), height and width in pixels, such as "3,224,224"'

    def read(self, text: str) -> ImageShape:
        if not re.fullmatch(r"[13],[1-9][0-9]{0,4},[1-9][0-9]{0,4}", text):
            raise ValueError(text)
        return ImageShape(*map(int, text.split(",")))


@dataclass(frozen=True)
class Epochs:
    """Numbers of epochs in rising order, separated by commas."""

    limits: str = 'rising numbers of epochs, such as "10,20"'

    def read(self, text: str) -> tuple[int, ...]:
        if not re.fullmatch(r"[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*", text):
            raise ValueError(text)
        steps = tuple(map(int, text.split(",")))
        if any(later <= earlier for earlier, later in pairwise(steps)):
            raise ValueError(text)
        return steps

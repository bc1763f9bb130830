"""What answers for a production variant: a fleet of instances, or a serverless process."""

from typing import Protocol

from local.sagemaker.exchange import ModelAnswer
from local.sagemaker.invocation import Invocation
from local.sagemaker.records import Variant
from local.sagemaker.usage import Usage


class Closed(Exception):
    """The variant was taken out of service; the endpoint has another one by now."""


class NoInstance(Exception):
    """No model server of the variant is healthy."""


class Backend(Protocol):
    """A variant at work. All methods are thread-safe; compared and hashed by identity."""

    variant: Variant
    usage: Usage

    @property
    def instances(self) -> int:
        """How many model servers share its traffic."""

    def start(self) -> None:
        """Begin to start what it needs; returns at once."""

    def prove(self) -> None:
        """Block until it can answer. Raises NotLaunched."""

    def ask(self, invocation: Invocation) -> ModelAnswer:
        """Answer one request. Raises Closed, NoInstance, NotLaunched, Unanswered or ApiError."""

    def tick(self) -> None:
        """Called about every second: publish traffic, give back what is idle."""

    def stop(self, *, drain: bool) -> None:
        """Take no more requests, finish those under way, and end every process. Blocks."""

    def kill(self) -> None:
        """End every process now."""

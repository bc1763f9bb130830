"""How a released model came to be trusted: served elsewhere before, or let through by a person."""

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Self

from config.errors import require
from config.record import REMEDY, Record, located

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_ACCOUNT: Final = re.compile(r"\d{12}")

SERVED_IN: Final = "served_in"
"""The gate's name, in an override and in the settings."""


@dataclass(frozen=True, kw_only=True)
class ServedIn:
    """The proof that another environment served this model when it was promoted from there."""

    environment: str
    account: str
    region: str
    role: str
    """Which model of that environment's release it was."""

    release_sha256: str
    """Of the release file that the environment served: `Release.digest`."""

    artifact_sha256: str
    """Of the artifact that was served and copied."""

    endpoints: tuple[str, ...]
    """The names of those that ran it and answered."""

    commit: str
    """Of the repository whose release file was promoted."""

    by: str
    """The ARN of who promoted it."""

    at: str
    """When, in UTC: `2026-11-22T21:30:00+00:00`."""

    def __post_init__(self) -> None:
        rules = (
            ("account", self.account, _ACCOUNT.fullmatch(self.account), "12 digits"),
            (
                "release_sha256",
                self.release_sha256,
                _SHA256.fullmatch(self.release_sha256),
                "64 hex digits",
            ),
            (
                "artifact_sha256",
                self.artifact_sha256,
                _SHA256.fullmatch(self.artifact_sha256),
                "64 hex digits",
            ),
            ("endpoints", list(self.endpoints), self.endpoints, "at least one endpoint"),
            ("commit", self.commit, _COMMIT.fullmatch(self.commit), "a commit's full name"),
            ("at", self.at, _is_time(self.at), "a time with its offset from UTC"),
        )
        for what, found, holds, limit in rules:
            require(bool(holds), what, found=found, limit=limit, remedy=REMEDY)

    @classmethod
    def from_record(cls, value: object, where: str) -> Self:
        """The proof in a release file. Raises ConfigurationError naming the member at `where`."""
        names = [member.name for member in fields(cls)]
        record = Record(value, where, names)
        texts = {name: record.text(name) for name in names if name != "endpoints"}
        with located(where):
            return cls(**texts, endpoints=record.texts("endpoints"))

    def to_value(self) -> dict[str, Any]:
        """The proof as JSON has it."""
        return {**vars(self), "endpoints": list(self.endpoints)}


@dataclass(frozen=True, kw_only=True)
class Override:
    """Who let a model pass gates that refused it, and why; reviewed with the release file."""

    gates: tuple[str, ...]
    """The names of the gates that were passed over."""

    reason: str
    by: str
    """The ARN of who did it."""

    at: str
    """When, in UTC."""

    def __post_init__(self) -> None:
        rules: tuple[tuple[str, object, bool, str], ...] = (
            ("gates", list(self.gates), bool(self.gates), "at least one gate"),
            ("reason", self.reason, bool(self.reason.strip()), "a reason"),
            ("at", self.at, _is_time(self.at), "a time with its offset from UTC"),
        )
        for what, found, holds, limit in rules:
            require(holds, what, found=found, limit=limit, remedy=REMEDY)

    @classmethod
    def from_record(cls, value: object, where: str) -> Self:
        """The override in a release file. Raises ConfigurationError naming the member."""
        record = Record(value, where, [member.name for member in fields(cls)])
        texts = {name: record.text(name) for name in ("reason", "by", "at")}
        with located(where):
            return cls(gates=record.texts("gates"), **texts)

    def to_value(self) -> dict[str, Any]:
        """The override as JSON has it."""
        return {**vars(self), "gates": list(self.gates)}


def lacks_proof(
    environment: str | None, artifact_sha256: str, proof: ServedIn | None, override: Override | None
) -> str | None:
    """Why a model may not be deployed where `environment` has to serve it first, or None if it may.

    A proof speaks for one artifact: copied to another model it proves nothing.
    """
    if environment is None or (override is not None and SERVED_IN in override.gates):
        return None
    if proof is None:
        return f"there is no proof that {environment} serves it"
    if proof.environment != environment:
        return f"its proof is of {proof.environment}, but {environment} has to serve it first"
    if proof.artifact_sha256 != artifact_sha256:
        return (
            f"its proof is of artifact {proof.artifact_sha256[:12]}, but the model's is "
            f"{artifact_sha256[:12]}"
        )
    return None


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False

"""Why a container stopped: in the service's words (facts sheet A.10), with its exit code."""

from pathlib import Path

# SageMaker shows the first 1024 characters of the failure file as the job's FailureReason (B.1).
REASON_LIMIT = 1024


class ClientError(Exception):
    """The caller's data or parameters are wrong; the text is one line and says how."""

    def __init__(self, text: str, *, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code

    @property
    def reason(self) -> str:
        return f"ClientError: {self}"


class AlgorithmError(Exception):
    """The container itself failed."""

    exit_code = 1

    @property
    def reason(self) -> str:
        return f"AlgorithmError: {self}"

    @classmethod
    def of(cls, cause: Exception) -> "AlgorithmError":
        """Any exception that nobody foresaw, as one line."""
        text = " ".join(str(cause).split())
        return cls(f"{type(cause).__name__}: {text}" if text else type(cause).__name__)


def write_reason(failure: ClientError | AlgorithmError, path: Path) -> None:
    """Leave the reason where the platform looks for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(failure.reason[:REASON_LIMIT], encoding="utf-8")

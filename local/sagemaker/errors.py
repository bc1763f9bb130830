"""API errors as the service words them (facts sheet C.3, E.1)."""

from typing import Any


class ApiError(Exception):
    """An operation's error: the code clients match on, the text people read, the HTTP status.

    `members` are further members of the error's shape, such as ModelError's OriginalStatusCode.
    """

    def __init__(
        self,
        code: str,
        message: str | None,
        http_status: int = 400,
        members: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status
        self.members = members or {}


def invalid(message: str) -> ApiError:
    """The control plane's ValidationException."""
    return ApiError("ValidationException", message)


def unsupported(what: str) -> ApiError:
    """Something the service has and the local cloud has not: refused, never ignored."""
    return invalid(f"{what} is not supported by the local cloud yet.")


def unknown_operation(operation: str) -> ApiError:
    """An operation that the local cloud does not have."""
    return ApiError(
        "UnknownOperationException", f"{operation} is not implemented by the local cloud."
    )


def not_found(kind: str, arn: str) -> ApiError:
    """`kind` as the service says it: model, endpoint configuration, endpoint."""
    return invalid(f'Could not find {kind} "{arn}".')


def already_exists(kind: str, arn: str) -> ApiError:
    """`kind` as the service says it: model, endpoint configuration, endpoint."""
    return invalid(f'Cannot create already existing {kind} "{arn}".')

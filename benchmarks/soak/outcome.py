"""What became of one request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

DOCUMENTED: Final = frozenset(
    {
        "ValidationError",
        "ThrottlingException",
        "ModelError",
        "ModelNotReadyException",
        "InternalFailure",
        "ServiceUnavailable",
        "InternalDependencyException",
    }
)
"""The error codes of InvokeEndpoint (facts sheet C.3)."""


@dataclass(frozen=True)
class Answered:
    """It was answered with what was asked, by the model named."""

    model: str


@dataclass(frozen=True)
class Failed:
    """It failed with a documented error."""

    code: str


@dataclass(frozen=True)
class Lost:
    """Neither an answer nor a documented error came."""

    how: str


@dataclass(frozen=True)
class MixedUp:
    """The answer is another request's, or another variant's."""

    how: str


Outcome = Answered | Failed | Lost | MixedUp


def ask(runtime: Any, endpoint: str, request: str, body: bytes) -> Outcome:
    """Send one request and judge what comes back."""
    try:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint,
            Body=body,
            ContentType="application/octet-stream",
            InferenceId=request,
        )
        seen = json.loads(answer["Body"].read())
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        return Failed(code) if code in DOCUMENTED else Lost(f"{code}: {error}")
    except (BotoCoreError, OSError, ValueError) as error:  # ValueError: no JSON, so no echo
        return Lost(f"{type(error).__name__}: {error}")
    return judge(seen, request, len(body), answer["InvokedProductionVariant"])


def judge(seen: Mapping[str, Any], request: str, size: int, variant: str) -> Answered | MixedUp:
    """Whether an echo is that of the request, whole, and from a model of the variant named.

    A variant's models are called after it: `champion-1`.
    """
    if (seen["request"], seen["size"]) != (request, size):
        return MixedUp(f"{request} of {size} bytes was answered as {seen}")
    if seen["model"].rpartition("-")[0] != variant:
        return MixedUp(f"{request} was answered by {variant} as {seen}")
    return Answered(seen["model"])

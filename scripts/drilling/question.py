"""The one picture that a drill asks about, again and again, and what is right to answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from scripts.aws_errors import code_of
from scripts.drilling.load import Outcome
from scripts.errors import Refused
from scripts.serving.photos import Photo
from scripts.serving.sample import sample_photo
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

_TOLERANCE: Final = 1e-4
"""Two instances of one type may round differently."""

# Each error is to be counted, so none is tried again; InvokeEndpoint may take 60 s (facts B.2).
_CLIENT_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=70,
    max_pool_connections=16,
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """The picture as a question to one endpoint; safe to ask from several threads."""

    endpoint_name: str
    photo: Photo
    runtime: "SageMakerRuntimeClient"

    def probabilities(self) -> list[float]:
        """What the endpoint answers. Raises ClientError, BotoCoreError, or ValueError."""
        reply = self.runtime.invoke_endpoint(
            EndpointName=self.endpoint_name,
            ContentType=self.photo.content_type,
            Accept="application/json",
            Body=self.photo.content,
        )
        answer = json.loads(reply["Body"].read())
        if not isinstance(answer, list):
            raise ValueError(f"not a list of probabilities: {str(answer)[:60]}")  # noqa: TRY004 - of the answer's value
        return [float(value) for value in answer]

    def outcome(self, reference: Sequence[float]) -> tuple[Outcome, str]:
        """Whether the endpoint answers the reference; never raises."""
        try:
            found = self.probabilities()
        except ClientError as error:
            return "failed", described(error)
        except (BotoCoreError, OSError) as error:
            return "failed", type(error).__name__
        except (ValueError, TypeError) as error:
            return "wrong", str(error)
        return ("sound", "") if equal(found, reference) else ("wrong", "other probabilities")


def question_to(session: Session, endpoint_name: str, image_shape: str) -> Question:
    """The sample picture for a model of that shape, over a client that repeats nothing."""
    return Question(
        endpoint_name=endpoint_name,
        photo=sample_photo(image_shape),
        runtime=session.boto3.client("sagemaker-runtime", config=_CLIENT_CONFIG),
    )


def reference_of(question: Question, class_names: Sequence[str]) -> list[float]:
    """The sound model's answer. Raises Refused when it gives none: there is nothing to compare."""
    try:
        found = question.probabilities()
    except (ClientError, BotoCoreError, ValueError, TypeError) as error:
        text = described(error) if isinstance(error, ClientError) else str(error)
        raise Refused(
            f"the released model itself does not answer on {question.endpoint_name} ({text}), so "
            "a drill can prove nothing; look at the endpoint's log, and mend the release first"
        ) from error
    if len(found) != len(class_names):
        raise Refused(
            f"the released model answers {len(found)} probabilities on {question.endpoint_name}, "
            f"but the release names {len(class_names)} classes; release its training job again"
        )
    return found


def equal(found: Sequence[float], reference: Sequence[float]) -> bool:
    """Whether two answers are the same model's."""
    return len(found) == len(reference) and all(
        abs(one - other) <= _TOLERANCE for one, other in zip(found, reference, strict=True)
    )


def described(error: ClientError) -> str:
    """The error's code, and for a model's own error the status that its container gave."""
    status = error.response.get("OriginalStatusCode")
    return code_of(error) if status is None else f"{code_of(error)} {status}"

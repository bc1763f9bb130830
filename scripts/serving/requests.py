"""Requests to one endpoint: sent, repeated while that may help, told in one line when not."""

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)

from config.release import Release
from scripts.aws_errors import code_of
from scripts.errors import Refused
from scripts.serving.patience import Attempts, Patience
from scripts.serving.photos import Photo
from scripts.serving.predictions import Prediction, ranked_classes
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_sagemaker_runtime.type_defs import InvokeEndpointOutputTypeDef

# Errors that pass with time (facts C.3); AWS's own 5xx among them.
_PASSING: Final = {
    "ModelNotReadyException",
    "ThrottlingException",
    "ServiceUnavailable",
    "InternalFailure",
    "InternalDependencyException",
}
_CLIENT_ERRORS: Final = range(400, 500)
_MODEL_ATTEMPTS: Final = 3
"""Of a request that a model server failed on: the next may reach another, or a new, process."""


class NotAnswered(Exception):
    """One photo has no prediction, and others may have; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An endpoint, and which of its variants is to answer; None lets the weights decide."""

    name: str
    target_variant: str | None = None


class Requests:
    """Asks one endpoint about photos. Thread-safe."""

    def __init__(
        self,
        session: Session,
        asked: Asked,
        release: Release,
        patience: Patience,
        parallel: int = 1,
    ) -> None:
        self._asked = asked
        self._release = release
        self._patience = patience
        self._runtime: SageMakerRuntimeClient = session.boto3.client(
            "sagemaker-runtime",
            # Repeating is decided here, where a cold start and a broken model are told apart.
            config=Config(
                retries={"mode": "standard", "total_max_attempts": 1},
                connect_timeout=5,
                # A model may take 60 s to answer (facts C.1).
                read_timeout=70,
                max_pool_connections=parallel,
            ),
        )

    def predict(self, photo: Photo) -> Prediction:
        """The endpoint's answer for a photo.

        Raises NotAnswered for this photo's own failure; Refused or ClientError for what every
        other photo would meet as well; Interrupted.
        """
        attempts, broken = self._patience.begin(), 0
        while True:
            attempts.check()
            try:
                return self._ask(photo)
            except ReadTimeoutError:
                reason = "no answer within 70 seconds"
            except ConnectionClosedError:
                reason = "connection lost"
            except ClientError as error:
                reason = code_of(error)
                if reason == "ModelError":
                    broken += 1
                    if broken == _MODEL_ATTEMPTS or _is_the_photos_fault(error):
                        raise NotAnswered(_said_by_the_model(error)) from error
                elif reason not in _PASSING:
                    raise self._refusal(error) from error
            self._wait(attempts, reason)

    def _ask(self, photo: Photo) -> Prediction:
        inference_id = str(uuid.uuid4())
        started = time.perf_counter()
        reply = self._send(photo, inference_id)
        answer = reply["Body"].read()
        elapsed = 1000 * (time.perf_counter() - started)
        variant = reply.get("InvokedProductionVariant", "")
        classes = ranked_classes(answer, variant, self._release)
        return Prediction(
            file=photo.file,
            endpoint=self._asked.name,
            variant=variant,
            model=self._release.models[variant].training_job_name,
            classes=classes,
            milliseconds=elapsed,
            inference_id=inference_id,
            resized=photo.resized,
        )

    def _send(self, photo: Photo, inference_id: str) -> "InvokeEndpointOutputTypeDef":
        target = self._asked.target_variant
        return self._runtime.invoke_endpoint(
            EndpointName=self._asked.name,
            ContentType=photo.content_type,
            Accept="application/json",
            InferenceId=inference_id,
            Body=photo.content,
            **({} if target is None else {"TargetVariant": target}),
        )

    def _wait(self, attempts: Attempts, reason: str) -> None:
        name = self._asked.name
        if reason == "ThrottlingException":
            self._patience.tell(f"{name} is asked more than it takes at a time; waiting ...")
        elif reason != "ModelError":
            self._patience.tell(f"waiting for {name} to become ready ({reason}) ...")
        if not attempts.wait():
            raise Refused(
                f"endpoint {name} was not ready within {self._patience.seconds:.0f} seconds "
                f"({reason}); look at its status and logs, and repeat"
            )

    def _refusal(self, error: ClientError) -> Exception:
        """What to tell of an error that waiting does not mend."""
        if code_of(error) not in {"ValidationError", "ValidationException"}:
            return error
        name = self._asked.name
        deploy = f"run `darkroom deploy --env {self._release.environment}`"
        message = " ".join(error.response["Error"].get("Message", "").split())
        if "ariant" in message and self._asked.target_variant is not None:
            return Refused(
                f"endpoint {name} has no variant {self._asked.target_variant}: {message}; {deploy}"
            )
        if "not found" in message:
            return Refused(f"endpoint {name} does not exist; {deploy}")
        return Refused(
            f"endpoint {name} takes no requests: {message}; look at its status, or {deploy}"
        )


def _is_the_photos_fault(error: ClientError) -> bool:
    return error.response.get("OriginalStatusCode", 0) in _CLIENT_ERRORS


def _said_by_the_model(error: ClientError) -> str:
    """The model server's own words, without AWS's frame around them."""
    said = str(error.response.get("OriginalMessage") or error.response["Error"].get("Message", ""))
    status = error.response.get("OriginalStatusCode")
    return f"the model answered {status or 'nothing'}: {' '.join(said.split())[:200]}"

"""`darkroom invoke`: one image to an endpoint, class names with probabilities back."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click
from botocore.exceptions import ClientError, ReadTimeoutError

from config.environments import environment
from config.outputs import endpoint_name
from config.release import ReleasedModel, read_release
from config.settings import Settings
from dataset.inspection import inspect_file
from dataset.rules import Violation, printable
from scripts import console, options
from scripts.aws_errors import code_of
from scripts.errors import Refused
from scripts.live import kinds, live_endpoint
from scripts.session import Session, open_session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

# A serverless cold start may take up to four minutes (design section 5).
COLD_START_SECONDS: Final = 240.0
_RETRY_SECONDS: Final = 2.0
_NOT_READY: Final = {"ModelNotReadyException", "ThrottlingException", "ServiceUnavailable"}


class Photo(NamedTuple):
    """An encoded image as it was read."""

    file: str
    content_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """An endpoint's answer for one image: every class with its probability, most likely first."""

    file: str
    endpoint: str
    variant: str
    classes: Sequence[tuple[str, float]]
    milliseconds: float

    def to_json(self, top: int) -> dict[str, object]:
        return {
            "file": self.file,
            "endpoint": self.endpoint,
            "variant": self.variant,
            "milliseconds": round(self.milliseconds, 1),
            "predictions": [
                {"class": name, "probability": probability}
                for name, probability in self.classes[:top]
            ],
        }


def check_model(session: Session, model: ReleasedModel, kind: str) -> None:
    """Raise Refused unless the endpoint runs the released model, whose classes have the names."""
    live = live_endpoint(session, kind)
    deploy = f"run `darkroom deploy --env {session.settings.name}`"
    if live.status == "Missing":
        raise Refused(f"endpoint {live.name} does not exist; {deploy}")
    if live.model_data_url != model.model_data_url:
        raise Refused(
            f"endpoint {live.name} runs {live.model_data_url}, but the release file names "
            f"{model.model_data_url}, so its classes cannot be named; {deploy}, or update "
            "your checkout"
        )


def invoke(session: Session, model: ReleasedModel, photo: Photo, *, kind: str) -> Prediction:
    """Send one image to the environment's endpoint of that kind.

    Raises Refused: an endpoint that is not there or does not become ready in time; an answer
    that does not fit the released model.
    """
    name = endpoint_name(session.settings.app, session.settings.name, kind)
    started = time.perf_counter()
    variant, answer = _call(session, name, photo)
    elapsed = 1000 * (time.perf_counter() - started)
    probabilities = _probabilities(answer, name, model, session.settings.name)
    ranked = sorted(zip(model.class_names, probabilities, strict=True), key=lambda row: -row[1])
    return Prediction(
        file=photo.file, endpoint=name, variant=variant, classes=ranked, milliseconds=elapsed
    )


def _probabilities(
    answer: bytes, name: str, model: ReleasedModel, environment_name: str
) -> list[float]:
    """One probability for each of the model's classes, in label order (facts A.6)."""
    try:
        found = [float(value) for value in json.loads(answer)]
    except (ValueError, TypeError):
        found = []
    if len(found) != len(model.class_names):
        raise Refused(
            f"endpoint {name} answered {_shortened(answer)}, which is not one probability for each "
            f"of the release's {len(model.class_names)} classes; the endpoint runs another model: "
            f"run `darkroom deploy --env {environment_name}`"
        )
    return found


def _shortened(answer: bytes) -> str:
    text = printable(answer[:60].decode("utf-8", "replace"))
    return text if len(answer) <= 60 else f"{text}..."


def read_photo(file: Path) -> Photo:
    """An image that the endpoint will accept. Raises Refused for any other file."""
    name = printable(str(file))
    if file.is_dir():
        raise Refused(f"{name}: a folder, but must be a file; name a PNG or JPEG")
    if not file.exists():
        raise Refused(f"{name}: no such file; name a PNG or JPEG")
    try:
        facts = inspect_file(str(file.resolve()))
    except Violation as broken:
        rule = broken.rule
        raise Refused(
            f"{name}: {rule.name}: {printable(broken.measured)}; limit: {rule.limit}; "
            "send another image, or convert this one"
        ) from broken
    return Photo(name, facts.format.media_type, file.read_bytes())


def _call(session: Session, name: str, photo: Photo) -> tuple[str, bytes]:
    """The variant that answered, and its answer; waits while the endpoint gets ready."""
    runtime: SageMakerRuntimeClient = session.client("sagemaker-runtime")
    give_up = time.monotonic() + COLD_START_SECONDS
    waiting_for = ""
    while True:
        try:
            reply = runtime.invoke_endpoint(
                EndpointName=name,
                ContentType=photo.content_type,
                Accept="application/json",
                Body=photo.content,
            )
            return reply.get("InvokedProductionVariant", ""), reply["Body"].read()
        except ReadTimeoutError:
            reason = "no answer in time"
        except ClientError as error:
            reason = code_of(error)
            if reason not in _NOT_READY:
                raise _refusal(session, name, error) from error
        if time.monotonic() > give_up:
            raise Refused(
                f"endpoint {name} was not ready within {COLD_START_SECONDS:.0f} seconds "
                f"({reason}); look at its status and logs, and repeat"
            )
        if reason != waiting_for:
            waiting_for = reason
            console.say(f"waiting for {name} to become ready ({reason}) ...")
        time.sleep(_RETRY_SECONDS)


def _refusal(session: Session, name: str, error: ClientError) -> Exception:
    """What to tell of an error that waiting does not mend."""
    if code_of(error) != "ValidationError":
        return error
    deploy = f"run `darkroom deploy --env {session.settings.name}`"
    if "not found" in str(error):
        return Refused(f"endpoint {name} does not exist; {deploy}")
    message = " ".join(error.response["Error"].get("Message", "").split())
    return Refused(f"endpoint {name} takes no requests: {message}; look at its status, or {deploy}")


def released_model(settings: Settings) -> ReleasedModel:
    """The champion of the environment's release file, which names the classes."""
    release = read_release(settings.name)
    if release is None:
        raise Refused(
            f"environment {settings.name} has no release, so its classes have no names; "
            f"run `darkroom release JOB --env {settings.name}` first"
        )
    return release.models["champion"]


@click.command("invoke")
@click.argument("file", type=click.Path(path_type=Path))
@options.environment
@click.option(
    "--endpoint",
    "kind",
    type=click.Choice(["realtime", "serverless"]),
    help="Which endpoint answers. [default: the first that the settings switch on]",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How many classes to print.",
)
@options.as_json
def command(file: Path, environment_name: str, kind: str | None, top: int, as_json: bool) -> None:
    """Send the image FILE to an endpoint and print the most likely classes."""
    settings = environment(environment_name)
    switched_on = kinds(settings)
    if kind is not None and kind not in switched_on:
        raise Refused(
            f"environment {settings.name} has no {kind} endpoint; its settings switch on: "
            f"{', '.join(switched_on) or 'none'}"
        )
    if not switched_on:
        raise Refused(
            f"environment {settings.name} has no endpoint: realtime and serverless are both None "
            "in config/environments.py; switch one on and deploy"
        )
    model = released_model(settings)
    session, kind = open_session(settings), kind or switched_on[0]
    photo = read_photo(file)
    check_model(session, model, kind)
    found = invoke(session, model, photo, kind=kind)
    if as_json:
        click.echo(json.dumps(found.to_json(top), indent=2))
        return
    console.table(
        ["class", "probability"],
        [[name, f"{probability:.4f}"] for name, probability in found.classes[:top]],
    )
    console.say(
        f"answered by {found.endpoint} (variant {found.variant}) in {found.milliseconds:.0f} ms"
    )

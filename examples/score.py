"""How many validation images each endpoint gets right: the demo's proof, over the real API."""

import json
from collections.abc import Sequence
from typing import Final

import click

from config.environments import environment
from config.outputs import endpoint_name
from config.roles import CHAMPION
from dataset.layout import Layout
from dataset.split import Split
from scripts import console, options
from scripts.cli import run
from scripts.errors import Refused
from scripts.invoke import released
from scripts.outputs import stack_outputs
from scripts.serving.live import kinds
from scripts.session import Session, open_session

CONTENT_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg"}


def validation_images(session: Session, dataset_id: str, count: int) -> list[tuple[str, int]]:
    """Object keys and labels of up to `count` validation images, spread over the manifest."""
    bucket = stack_outputs(session).datasets_bucket
    key = Layout(dataset_id).manifest(Split.VALIDATION)
    body = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    lines = [json.loads(line) for line in body.splitlines()]
    step = max(1, len(lines) // count)
    chosen = lines[::step][:count]
    return [
        (line["source-ref"].removeprefix(f"s3://{bucket}/"), int(line["class"])) for line in chosen
    ]


def correct_answers(session: Session, name: str, images: Sequence[tuple[bytes, str, int]]) -> int:
    """How many of the images (bytes, content type, label) the endpoint `name` labels rightly."""
    runtime = session.client("sagemaker-runtime")
    correct = 0
    for body, content_type, label in images:
        reply = runtime.invoke_endpoint(EndpointName=name, ContentType=content_type, Body=body)
        probabilities = json.loads(reply["Body"].read())
        correct += probabilities.index(max(probabilities)) == label
    return correct


@click.command()
@options.environment
@click.option("--images", "count", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--at-least", type=click.FloatRange(0, 1), default=0.95, show_default=True)
def main(environment_name: str, count: int, at_least: float) -> None:
    """Send validation images to every endpoint and count the right answers."""
    settings = environment(environment_name)
    session = open_session(settings)
    chosen = validation_images(session, released(settings).models[CHAMPION].dataset_id, count)
    bucket = stack_outputs(session).datasets_bucket
    s3 = session.client("s3")
    images = [
        (
            s3.get_object(Bucket=bucket, Key=key)["Body"].read(),
            CONTENT_TYPES[key.rsplit(".", 1)[1]],
            label,
        )
        for key, label in chosen
    ]
    rows = []
    for kind in kinds(settings):
        name = endpoint_name(settings.app, settings.name, kind)
        rows.append((name, correct_answers(session, name, images)))
    console.table(
        ["endpoint", "right", "of"], [[name, str(n), str(len(images))] for name, n in rows]
    )
    if any(right < at_least * len(images) for _, right in rows):
        raise Refused(f"fewer than {at_least:.0%} of the answers are right; train for longer")


if __name__ == "__main__":
    run(main, "score")

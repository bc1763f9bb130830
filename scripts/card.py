"""`darkroom card`: the model card of a training job, as Markdown."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from config.environments import environment
from scripts import console, options
from scripts.cards.card import model_card
from scripts.cards.facts import CardFacts
from scripts.cards.sources import gather
from scripts.errors import Refused
from scripts.files import write_atomically
from scripts.session import open_session
from scripts.training.report import write_report


def card(environment_name: str, job_name: str) -> CardFacts:
    """Everything recorded of a training job of the environment; changes nothing."""
    session = open_session(environment(environment_name))
    session.check_account()
    return gather(session, job_name)


def write_card(facts: CardFacts, file: Path) -> Path | None:
    """Write the card, and beside it the plot of its accuracies, whose path is returned.

    None without a plot, because the log tells no accuracy. Raises Refused where it cannot write.
    """
    picture = file.with_name(f"{file.stem}-accuracy.svg") if facts.epochs else None
    try:
        if picture is not None:
            write_atomically(picture, _plot(facts))
        text = model_card(facts, picture.name if picture else None)
        write_atomically(file, text.encode())
    except OSError as error:
        raise Refused(
            f"the card cannot be written to {file}: {error.strerror or error}; choose another "
            "file with --output"
        ) from error
    return picture


def _plot(facts: CardFacts) -> bytes:
    with TemporaryDirectory(prefix="darkroom-card-") as folder:
        plot = write_report(Path(folder), facts.job, facts.history)
        return plot.with_suffix(".svg").read_bytes()


@click.command("card")
@click.argument("training_job_name", metavar="JOB")
@options.environment
@click.option(
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the card here, and the plot of its accuracies beside it. [default: stdout]",
)
@options.as_json
def command(
    training_job_name: str, environment_name: str, file: Path | None, as_json: bool
) -> None:
    """Write the model card of training job JOB: data, metrics, limits, lineage, in Markdown.

    --env is the environment that trained it. Everything is told from records, and what is not
    recorded is called so; the same records make the same card. With --json, the facts.
    """
    facts = card(environment_name, training_job_name)
    if file is not None:
        picture = write_card(facts, file)
        rows = {
            "card": str(file),
            "plot": str(picture) if picture else "-",
            "validation_accuracy": facts.validation_accuracy,
            "releases": ", ".join(f"{each.environment} {each.role}" for each in facts.places)
            or "-",
        }
        console.result(rows, as_json=as_json)
    elif as_json:
        click.echo(json.dumps(facts.to_value(), indent=2))
    else:
        click.echo(model_card(facts), nl=False)
    if not facts.places:
        console.next_step(f"darkroom release {training_job_name} --env {environment_name}")

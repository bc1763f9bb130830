"""`darkroom invoke`: photos to an endpoint, class names with probabilities back."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from config.environments import environment
from config.first_step import first_step
from config.release import Release, read_release
from config.roles import CHAMPION
from config.settings import Settings
from dataset.rules import printable
from scripts import console, options
from scripts.errors import Refused
from scripts.interruption import stopped
from scripts.serving.answers import Answers, open_answers
from scripts.serving.crowd import Crowd
from scripts.serving.live import kinds, live_endpoint
from scripts.serving.patience import Patience
from scripts.serving.photos import NamedFile, NotSent, find_files, read_photo
from scripts.serving.predictions import Outcome, Prediction, Unanswered
from scripts.serving.requests import Asked, NotAnswered, Requests
from scripts.serving.running import check_models, check_target
from scripts.serving.tally import Tally
from scripts.session import Session, open_session

_PARALLEL: Final = 8
"""By default: enough to keep two small instances busy, too few to be throttled."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whom to ask, and how."""

    kind: str
    variant: str | None = None
    parallel: int = 1
    resize: bool = False
    top: int = 1
    """How many classes of an answer are kept."""


def released(settings: Settings) -> Release:
    """The environment's release, whose models name the classes."""
    release = read_release(settings.name)
    if release is None:
        raise Refused(
            f"environment {settings.name} has no release, so its classes have no names; "
            f"run `{first_step(settings)}` first"
        )
    return release


def open_requests(
    session: Session, release: Release, question: Question, patience: Patience
) -> Requests:
    """A way to ask the environment's endpoint. Raises Refused unless it runs the release."""
    if question.variant is not None:
        check_target(release, question.kind, question.variant)
    live = live_endpoint(session, question.kind)
    check_models(release, live, question.variant)
    return Requests(
        session,
        Asked(name=live.name, target_variant=question.variant),
        release,
        patience,
        parallel=question.parallel,
    )


def ask(requests: Requests, file: NamedFile, *, resize: bool) -> Outcome:
    """One file's prediction, or why it has none. Raises what every other file would meet too."""
    try:
        photo = read_photo(file, resize=resize)
        if photo.resized:
            console.say(f"{printable(photo.file)}: scaled down, {photo.resized}")
        return requests.predict(photo)
    except (NotSent, NotAnswered) as reason:
        return Unanswered(file=file.name, reason=str(reason))


def invoke_one(requests: Requests, file: NamedFile, *, resize: bool) -> Prediction:
    """The prediction for a file. Raises Refused naming it when it has none."""
    outcome = ask(requests, file, resize=resize)
    if isinstance(outcome, Unanswered):
        raise Refused(f"{printable(outcome.file)}: {outcome.reason}")
    return outcome


def invoke_many(
    requests: Requests, files: list[NamedFile], question: Question, answers: Answers, tally: Tally
) -> None:
    """Ask about every file, and give the answers in the order of the files.

    Interrupted or refused half-way, what was answered until then is given all the same.
    """
    crowd = Crowd(
        files,
        lambda file: _kept(ask(requests, file, resize=question.resize), question.top),
        parallel=question.parallel,
    )

    def add(outcome: Outcome) -> None:
        tally.add(outcome)
        answers.add(outcome)

    with console.count_progress(hidden=answers.scrolls) as progress:
        bar = progress.add_task("asking", total=len(files))
        try:
            for outcome in crowd:
                add(outcome)
                progress.advance(bar)
        except BaseException:
            for outcome in crowd.held_back():
                add(outcome)
            raise
        finally:
            tally.begun = crowd.begun
            progress.stop()
            answers.end()


def _kept(outcome: Outcome, top: int) -> Outcome:
    return outcome.best(top) if isinstance(outcome, Prediction) else outcome


def chosen_kind(settings: Settings, kind: str | None, variant: str | None) -> str:
    """Which endpoint answers: the one named, or the first that is switched on."""
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
    if kind is None and variant is not None and "realtime" in switched_on:
        return "realtime"
    return kind or switched_on[0]


def chosen_parallel(settings: Settings, kind: str, parallel: int | None) -> int:
    """How many requests at a time; a serverless endpoint throttles more than it was given."""
    serverless = settings.serverless
    if kind != "serverless" or serverless is None:
        return parallel or _PARALLEL
    if parallel is not None and parallel > serverless.max_concurrency:
        raise Refused(
            f"--parallel is {parallel}, but the serverless endpoint of environment "
            f"{settings.name} takes {serverless.max_concurrency} requests at a time "
            "(max_concurrency in config/environments.py); ask for fewer"
        )
    return parallel or min(_PARALLEL, serverless.max_concurrency)


@click.command("invoke")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@options.environment
@click.option(
    "--endpoint",
    "kind",
    type=click.Choice(["realtime", "serverless"]),
    help="Which endpoint answers. [default: the first that the settings switch on]",
)
@click.option(
    "--variant",
    metavar="ROLE",
    help="The role whose model is to answer, whatever the weights say.",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    help="Requests at a time. [default: 8, of a serverless endpoint at most its concurrency]",
)
@click.option(
    "--resize", is_flag=True, help="Scale down what is above 4 MiB or 4096 pixels a side."
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How many classes to print.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print a row a file, as CSV.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the answer as one JSON object; of several files, one a line (JSON Lines).",
)
def command(  # noqa: PLR0913 - a parameter an option, as click passes them
    paths: tuple[Path, ...],
    environment_name: str,
    kind: str | None,
    variant: str | None,
    parallel: int | None,
    resize: bool,
    top: int,
    as_csv: bool,
    as_json: bool,
) -> int:
    """Send photos to an endpoint and print the most likely classes.

    A PATH is an image, or a folder that is searched for them. A file that is no acceptable photo
    is told of in its row; the others are sent, and the exit code is 1.
    """
    if as_csv and as_json:
        raise click.UsageError("--csv and --json are two forms of one answer; choose one")
    settings = environment(environment_name)
    kind = chosen_kind(settings, kind, variant)
    question = Question(
        kind=kind,
        variant=variant,
        parallel=chosen_parallel(settings, kind, parallel),
        resize=resize,
        top=top,
    )
    release = released(settings)
    patience = Patience(say=console.say)
    with stopped("the same command begins anew"):
        files = find_files(paths)
        requests = open_requests(open_session(settings), release, question, patience)
        if len(paths) == len(files) == 1 and not paths[0].is_dir() and not as_csv:
            _print(invoke_one(requests, files[0], resize=resize), top, as_json=as_json)
            return 0
        tally = Tally(release.models[CHAMPION].class_names)
        answers = open_answers(as_json=as_json, as_csv=as_csv, top=top)
        started = time.monotonic()
        try:
            invoke_many(requests, files, question, answers, tally)
        finally:
            patience.stopped.set()
            for line in tally.lines(len(files), time.monotonic() - started):
                console.say(line)
    return 1 if tally.unanswered else 0


def _print(found: Prediction, top: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found.to_json(top), indent=2))
        return
    console.table(
        ["class", "probability"],
        [[name, f"{probability:.4f}"] for name, probability in found.classes[:top]],
    )
    console.say(f"answered by {found.endpoint} in {found.milliseconds:.0f} ms")
    console.say(f"{found.variant} = {found.model}")

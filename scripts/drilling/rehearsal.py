"""The drill itself: a sound model, traffic on it, a broken update, and what becomes of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from config.outputs import endpoint_name
from config.released_model import ReleasedModel
from scripts.drilling import screen
from scripts.drilling.load import Load
from scripts.drilling.observation import alarm_names
from scripts.drilling.question import Question, described, question_to, reference_of
from scripts.drilling.stage import KIND, Stage
from scripts.drilling.stage_files import BROKEN, SOUND
from scripts.drilling.timeline import Event
from scripts.drilling.verdict import Evidence, in_service_again
from scripts.drilling.watch import Watch
from scripts.errors import Refused

_ENOUGH_ANSWERS: Final = 10
"""Before the update, to know that all is well; and after it, to know that it is again."""

_PATIENCE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What happened, moment by moment, and what it is worth."""

    events: list[Event]
    evidence: Evidence


def rehearse(stage: Stage, model: ReleasedModel, *, needs_alarm: bool) -> Rehearsal:
    """Deploy the sound stage, then the broken one under traffic, and watch.

    Raises Refused when it does not come to the broken one: when the sound model cannot be
    deployed or does not answer.
    """
    settings = stage.session.settings
    name = endpoint_name(settings.app, settings.name, KIND)
    with screen.step(f"the released model is deployed to {name}"):
        if not stage.deploy(SOUND):
            raise Refused(
                f"the released model itself could not be deployed to {name}, so there is nothing "
                f"to practise on: {stage.last_words()}"
            )
    question = question_to(stage.session, name, model.image_shape)
    reference = reference_of(question, model.class_names)
    alarms = alarm_names(stage.session, stage.stack_name)
    load = Load(lambda: question.outcome(reference))
    watch = Watch(stage.session, KIND, alarms, load, screen.tell)
    with load, screen.TrafficBoard(load) as board:
        _wait_for_right_answers(load)
        watch.tell(Event(at=load.seconds, text="steady traffic; the model answers rightly"))
        watch.tell(Event(at=load.seconds, text="the broken model is deployed like any release"))

        def look() -> None:
            watch.look()
            board.refresh()

        took = stage.deploy(BROKEN, look)
        _wait_for_the_end(watch, load, look, rolled_back=not took)
    return Rehearsal(
        events=watch.events,
        evidence=Evidence(
            before=watch.before,
            after=watch.latest.endpoint,
            stack_status=stage.status(),
            reference=reference,
            answer=_answer(question),
            observations=watch.observations,
            answers=load.answers(),
            needs_alarm=needs_alarm,
        ),
    )


def _wait_for_right_answers(load: Load) -> None:
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while len(answers := load.answers()) < _ENOUGH_ANSWERS and time.monotonic() < give_up:
        time.sleep(_LOOK_SECONDS)
    wrong = [answer for answer in answers if answer.outcome != "sound"]
    if wrong or not answers:
        what = wrong[0].detail if wrong else f"no answer within {_PATIENCE_SECONDS:.0f} s"
        raise Refused(
            f"the released model does not answer steadily ({what}), so a drill can prove nothing; "
            "look at the endpoint's log, and mend the release first"
        )


def _wait_for_the_end(
    watch: Watch, load: Load, look: Callable[[], None], *, rolled_back: bool
) -> None:
    """Until the endpoint has been in service for some requests, as far as one can wait for it."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up:
        look()
        back = in_service_again(watch.observations)
        later = [answer for answer in load.answers() if back is not None and answer.sent > back]
        if len(later) >= _ENOUGH_ANSWERS or not rolled_back:
            return
        time.sleep(_LOOK_SECONDS)


def _answer(question: Question) -> list[float] | str:
    try:
        return question.probabilities()
    except ClientError as error:
        return described(error)
    except (BotoCoreError, ValueError, TypeError) as error:
        return str(error)

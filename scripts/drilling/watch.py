"""Keeps looking at the endpoint while it is updated, and tells what happens when it happens."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from scripts.drilling.load import Load
from scripts.drilling.observation import Observation, observe
from scripts.drilling.timeline import Event, changes, first_failure
from scripts.serving.live import LiveEndpoint
from scripts.session import Session

_QUIET_SECONDS: Final = 2.0
_ENOUGH: Final = 5
"""So many right answers in a row, over so long, and the trouble is over."""


class Watch:
    """Everything seen so far; `tell` gets each event once, by its time."""

    def __init__(
        self,
        session: Session,
        kind: str,
        alarms: Sequence[str],
        load: Load,
        tell: Callable[[Event], None],
    ) -> None:
        self._session = session
        self._kind = kind
        self._alarms = alarms
        self._load = load
        self._tell_screen = tell
        self.observations: list[Observation] = [self._observe()]
        self.events: list[Event] = []
        self._failing = False
        self._recovered = False

    @property
    def before(self) -> LiveEndpoint:
        """The endpoint when the watch began."""
        return self.observations[0].endpoint

    @property
    def latest(self) -> Observation:
        return self.observations[-1]

    def tell(self, event: Event) -> None:
        """Put an event into the timeline."""
        self.events.append(event)
        self._tell_screen(event)

    def look(self) -> None:
        """See what changed since the last look."""
        seen = self._observe()
        found = changes(self.latest, seen, self.before.endpoint_config_name)
        self.observations.append(seen)
        found += self._of_the_traffic(seen)
        for event in sorted(found, key=lambda event: event.at):
            self.tell(event)

    def _observe(self) -> Observation:
        return observe(self._session, self._kind, self._alarms, self._load.seconds)

    def _of_the_traffic(self, seen: Observation) -> Iterator[Event]:
        answers = self._load.answers()
        if not self._failing and (event := first_failure(answers)) is not None:
            self._failing = True
            yield event
        if not self._failing or self._recovered or seen.endpoint.status == "Updating":
            return
        recent = [answer for answer in answers if answer.sent > seen.at - _QUIET_SECONDS]
        if len(recent) >= _ENOUGH and all(answer.outcome == "sound" for answer in recent):
            self._recovered = True
            text = "every request is answered rightly again"
            yield Event(at=seen.at, text=text, tone="good")

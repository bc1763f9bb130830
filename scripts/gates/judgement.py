"""All gates' findings about a candidate, and what comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from config.served_in import Override
from scripts import console
from scripts.errors import Refused
from scripts.gates.answer import answers
from scripts.gates.candidate import Candidate, Gate
from scripts.gates.content import artifact
from scripts.gates.finding import Finding
from scripts.gates.origin import served_in
from scripts.gates.quality import accuracy, champion
from scripts.gates.record import recorded
from scripts.session import Session

GATES: Final[tuple[Gate, ...]] = (accuracy, champion, recorded, artifact, answers, served_in)
"""Every gate of `darkroom release` and `darkroom promote`, in the order in which they are shown.

A further one, say of an evaluation's results, is a function `Candidate -> Finding` in this list,
and nothing else: it is then judged by, shown, refused by, told in JSON and, if its finding says
that it may be, overridden.
"""


class RefusedByGates(Refused):
    """A candidate did not pass; nothing was changed."""

    def __init__(self, judgement: "Judgement", text: str) -> None:
        super().__init__(text)
        self.judgement = judgement


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the gates found."""

    candidate: Candidate
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The findings that stand in the way."""
        return tuple(each for each in self.findings if each.refused)

    def to_value(self) -> list[dict[str, Any]]:
        """As JSON has it: one object a gate."""
        return [each.to_value() for each in self.findings]

    def check(self, reason: str | None, session: Session) -> Override | None:
        """The override to record with the model; None if it passed without one.

        `reason` is the operator's for letting it pass gates that may be overridden, None without
        one; `session` says who that operator is. What the release file already records of the
        same model in the same role goes on to hold, as it was written. Raises RefusedByGates.
        """
        known = self.candidate.model.override
        stops = {each.gate for each in self.refused}
        if not all(each.may_be_overridden for each in self.refused):
            raise RefusedByGates(self, self._refusal(reason))
        if known is not None and stops <= set(known.gates) and reason in (None, known.reason):
            _say_recorded(known)
            return known
        if not stops:
            if reason is not None:
                console.say("--override was not needed: no gate refuses; no override is recorded")
            return None
        if reason is None or not reason.strip():
            raise RefusedByGates(self, self._refusal(reason))
        gates = tuple(each.gate for each in self.refused)
        console.say(f"let pass by --override: {', '.join(gates)}; the release file records who")
        return Override(
            gates=gates,
            reason=reason,
            by=session.caller().arn,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _refusal(self, reason: str | None) -> str:
        refused, environment = self.refused, self.candidate.settings.name
        names = ", ".join(each.gate for each in refused)
        found = "; ".join(f"{each.what}: {each.value} (limit: {each.limit})" for each in refused)
        return (
            f"refused by {len(refused)} of {len(self.findings)} gates of environment "
            f"{environment} ({names}): {found}; nothing was changed; {self._remedy(reason)}"
        )

    def _remedy(self, reason: str | None) -> str:
        remedies = dict.fromkeys(each.remedy for each in self.refused if each.remedy)
        integral = [each.gate for each in self.refused if not each.may_be_overridden]
        if not integral:
            way = "or let it pass with --override REASON, which the release file records"
        elif reason is None:
            way = f"{' and '.join(integral)} cannot be overridden"
        else:
            way = f"--override lets nobody pass {' or '.join(integral)}"
        return "; ".join((*remedies, way))


def judge(candidate: Candidate, gates: Sequence[Gate] = GATES) -> Judgement:
    """Ask every gate, also after one has refused: the operator learns all of it at once."""
    return Judgement(candidate=candidate, findings=tuple(gate(candidate) for gate in gates))


def _say_recorded(known: Override) -> None:
    console.say(
        f"{', '.join(known.gates)}: let pass on {known.at} by {known.by} ({known.reason}); the "
        "release file records it already"
    )

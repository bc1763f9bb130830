"""A shadow beside its champion: captured answers compared, latencies side by side."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from config.outputs import CAPTURE_BUCKET
from config.release import Release
from config.roles import CHAMPION, SHADOW
from config.settings import Settings
from config.traffic import Shadow
from scripts import console
from scripts.bucket import Bucket
from scripts.errors import Refused
from scripts.outputs import stack_outputs
from scripts.serving.agreement import Comparison, Verdict
from scripts.serving.captured import CapturedAnswer, CaptureFolder, hours
from scripts.serving.crowd import Crowd
from scripts.serving.live import LiveEndpoint
from scripts.serving.metrics import VariantTraffic
from scripts.serving.pairs import Pairing, in_step
from scripts.serving.window import Window
from scripts.session import Session

_READERS: Final = 8


def check_shadowing(settings: Settings, release: Release) -> None:
    """Raise Refused unless the environment copies requests to a shadow and keeps the answers."""
    fix = "in config/environments.py and run"
    deploy = f"`darkroom deploy --env {settings.name}`"
    if not isinstance(settings.traffic, Shadow):
        raise Refused(
            f"the traffic plan of environment {settings.name} is "
            f"{type(settings.traffic).__name__}, which has no shadow; set traffic=Shadow() {fix} "
            f"`darkroom release JOB --role shadow --env {settings.name}` and {deploy}"
        )
    if settings.capture is None or not settings.capture.response:
        found = "None" if settings.capture is None else "CaptureSettings(response=False)"
        raise Refused(
            f"environment {settings.name} captures no answers (capture={found}), so there is "
            f"nothing to compare; set capture=CaptureSettings() {fix} {deploy}"
        )
    if SHADOW not in release.models:
        raise Refused(
            f"the release of environment {settings.name} has no shadow; run "
            f"`darkroom release JOB --role shadow --env {settings.name}` and {deploy}"
        )


def capture_folder(session: Session, live: LiveEndpoint) -> CaptureFolder:
    """Where the endpoint's records are. Raises Refused before the Data stack has a bucket."""
    found = stack_outputs(session, ("Data",))[CAPTURE_BUCKET]
    return CaptureFolder(bucket=Bucket(session, found), endpoint_name=live.name)


def compare(folder: CaptureFolder, classes: int, start: datetime, end: datetime) -> Pairing:
    """The pairs of requests answered from `start` to `end`.

    Holds one hour's unpaired answers at most.
    """
    pairing = Pairing()

    def read(row: tuple[str, bool]) -> tuple[list[CapturedAnswer | None], bool]:
        key, shadow = row
        return list(folder.answers(key, classes)), shadow

    with console.count_progress() as progress:
        bar = progress.add_task("reading captured answers", total=0)
        for hour in hours(start, end):
            pairing.forget(hour)
            objects = list(in_step(folder.objects(CHAMPION, hour), folder.objects(SHADOW, hour)))
            progress.update(bar, total=(progress.tasks[bar].total or 0) + len(objects))

            for answers, shadow in Crowd(objects, read, parallel=_READERS):
                progress.advance(bar)
                for each in answers:
                    if each is None:
                        pairing.unreadable += 1
                    elif start <= each.when < end:
                        pairing.add(each, shadow=shadow)
    pairing.end()
    return pairing


@dataclass(frozen=True, kw_only=True)
class ShadowReport:
    """Everything that `darkroom shadow` tells."""

    endpoint: str
    release: Release
    window: Window
    pairing: Pairing
    verdict: Verdict
    champion: VariantTraffic
    shadow: VariantTraffic

    @property
    def found(self) -> Comparison:
        return self.pairing.comparison

    def model(self, role: str) -> str:
        """The training job of a role's model."""
        return self.release.models[role].training_job_name

    def class_name(self, label: int) -> str:
        return self.release.models[CHAMPION].class_names[label]

    def confusion(self) -> list[dict[str, Any]]:
        """The cells where the two differ, the most frequent first."""
        return [
            {
                "champion": self.class_name(champion),
                "shadow": self.class_name(shadow),
                "pairs": count,
            }
            for (champion, shadow), count in self.found.disagreements()
        ]

    def to_json(self) -> dict[str, Any]:
        found, shift = self.found, self.found.confidence_shift
        return {
            "endpoint": self.endpoint,
            "champion": self.model(CHAMPION),
            "shadow": self.model(SHADOW),
            "from": self.window.start.isoformat(),
            "to": self.window.end.isoformat(),
            "verdict": self.verdict.word,
            "reason": self.verdict.sentence,
            "pairs": found.pairs,
            "agreed": found.agreed,
            "agreement": found.agreement,
            "agreement_interval": list(found.interval) if found.pairs else None,
            "confusion": self.confusion(),
            "confidence_shift": shift.mean if shift.count else None,
            "confidence_shift_interval": list(shift.interval() or ()) or None,
            "unpaired_champion": self.pairing.unpaired_champion,
            "unpaired_shadow": self.pairing.unpaired_shadow,
            "repeated": self.pairing.repeated,
            "unreadable": self.pairing.unreadable,
            "champion_requests": self.champion.requests,
            "shadow_requests": self.shadow.requests,
            "champion_milliseconds": asdict(self.champion.model_milliseconds),
            "shadow_milliseconds": asdict(self.shadow.model_milliseconds),
        }

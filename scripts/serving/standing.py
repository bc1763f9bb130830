"""Where an environment's serving stands: what runs, and whether the release file says the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from config import outputs
from config.release import Release, ReleasedModel, read_release
from scripts.errors import Refused
from scripts.outputs import describe_stack, is_updating
from scripts.releases.release_file import ReleaseFile
from scripts.serving.live import KINDS, LiveEndpoint, LiveVariant, kinds, live_endpoint
from scripts.serving.proof import differences
from scripts.serving.rollout import RolloutPolicy
from scripts.serving.steps import step_of
from scripts.serving.watch import Watch, watch_of
from scripts.session import Session


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An environment's endpoints beside its release file and its Serving stack."""

    environment: str
    app: str
    """What every name of the app's begins with."""

    endpoints: tuple[LiveEndpoint, ...]
    watch: Watch
    release: Release | None
    earlier: tuple[ReleasedModel, ...] = ()
    """Models of earlier releases: until an update ends, what it replaces is one of them."""

    deployed_digest: str | None = None
    """Of the release that the stack was deployed with; None where there is no such stack."""

    stack_status: str | None = None
    deployed_at: datetime | None = None
    configs: Mapping[str, str] = field(default_factory=dict)
    """By endpoint kind, the configuration that the stack believes its endpoint runs."""

    switched_on: tuple[str, ...] = KINDS
    """The endpoint kinds that the settings ask for."""

    @property
    def deployed(self) -> bool:
        return any(endpoint.exists for endpoint in self.endpoints)

    @property
    def updating(self) -> bool:
        """Whether something is changing the endpoints right now."""
        return self._stack_updating or any(each.busy for each in self.endpoints)

    @property
    def _stack_updating(self) -> bool:
        return is_updating(self.stack_status or "")

    def model_of(self, variant: LiveVariant) -> ReleasedModel | None:
        """The released model that a variant runs, now or earlier, whatever its role is."""
        now = tuple(self.release.models.values()) if self.release else ()
        for model in (*now, *self.earlier):
            if model.model_data_url == variant.model_data_url:
                return model
        return None

    @property
    def differences(self) -> tuple[str, ...]:
        """Where what runs is not what the release file says, one clause each."""
        if self.release is None or self._stack_updating:
            return ()
        found = [
            clause
            for endpoint in self.endpoints
            if endpoint.exists and not endpoint.busy
            for clause in self._differences(self.release, endpoint)
        ]
        if (
            not found
            and not self.updating
            and self.deployed_digest not in (None, self.release.digest)
        ):
            found.append("the release file was changed after the last deployment")
        return tuple(found)

    def _differences(self, release: Release, endpoint: LiveEndpoint) -> Iterator[str]:
        if endpoint.kind in self.switched_on:
            yield from differences(release, None, endpoint, self.configs.get(endpoint.kind))
        else:
            yield f"{endpoint.name} runs, and bills, although the settings switch it off"

    @property
    def in_step(self) -> bool:
        """Whether every endpoint is there and runs what the release file says."""
        return (
            self.release is not None
            and self.deployed_digest == self.release.digest
            and all(endpoint.exists for endpoint in self.endpoints)
            and not self.updating
            and not self.differences
        )

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "environment": self.environment,
            "in_step": self.in_step,
            "updating": self.updating,
            "differences": list(self.differences),
            "release": {
                "file_digest": self.release.digest if self.release else None,
                "deployed_digest": self.deployed_digest,
                "weights": dict(self.release.weights) if self.release else None,
            },
            "stack": {"status": self.stack_status, "deployed_at": self.deployed_at},
            "endpoints": [self._endpoint_value(endpoint) for endpoint in self.endpoints],
            "unseen": list(self.watch.unseen),
        }

    def _endpoint_value(self, endpoint: LiveEndpoint) -> dict[str, Any]:
        last = endpoint.last_deployment
        return {
            "name": endpoint.name,
            "kind": endpoint.kind,
            "status": endpoint.status,
            "step": step_of(endpoint),
            "failure_reason": endpoint.failure_reason,
            "endpoint_configuration": endpoint.endpoint_config_name,
            "modified_at": endpoint.modified,
            "capture_percent": endpoint.capture_percent,
            "last_rollout": RolloutPolicy.read(last).describe() if last else None,
            "pending": asdict(endpoint.pending) if endpoint.pending else None,
            "variants": [self._variant_value(endpoint, each) for each in endpoint.variants],
        }

    def _variant_value(self, endpoint: LiveEndpoint, variant: LiveVariant) -> dict[str, Any]:
        model = self.model_of(variant)
        limits = self.watch.limits_of(endpoint.name, variant.name)
        return {
            **asdict(variant),
            "share": endpoint.share(variant),
            "training_job_name": model.training_job_name if model else None,
            "validation_accuracy": model.metrics["validation_accuracy"] if model else None,
            "scaling": {"min": limits.least, "max": limits.most} if limits else None,
            "alarms": [
                {"name": each.name, "metric": each.metric, "state": each.state}
                for each in self.watch.alarms_of(endpoint.name, variant.name)
            ],
        }


def standing_of(session: Session) -> Standing:
    """Look at everything there is; what is missing is part of the answer."""
    settings = session.settings
    stack = outputs.stack_name(settings.app, settings.name, "Serving")
    described = describe_stack(session, stack)
    rows: Sequence[Any] = described.get("Outputs", ()) if described else ()
    values = {row["OutputKey"]: row["OutputValue"] for row in rows}
    configs = {
        kind: values[key] for kind, key in outputs.ENDPOINT_CONFIG_NAMES.items() if key in values
    }
    switched_on = kinds(settings)
    # What was switched off but not deployed since still runs.
    looked_at = [kind for kind in KINDS if kind in switched_on or kind in configs]
    return Standing(
        environment=settings.name,
        app=settings.app,
        endpoints=tuple(live_endpoint(session, kind) for kind in looked_at),
        watch=watch_of(session, stack) if described else Watch(),
        release=read_release(settings.name),
        earlier=released_earlier(ReleaseFile(environment=settings.name)),
        deployed_digest=values.get(outputs.RELEASE_DIGEST),
        stack_status=described["StackStatus"] if described else None,
        deployed_at=(described.get("LastUpdatedTime") or described.get("CreationTime"))
        if described
        else None,
        configs=configs,
        switched_on=switched_on,
    )


def released_earlier(file: ReleaseFile) -> tuple[ReleasedModel, ...]:
    """The models that committed versions of the release file name, the newest first.

    They only give names to what runs, so none outside of a git repository.
    """
    try:
        versions = file.committed()
    except Refused:
        return ()
    releases = [version.release for version in versions if version.release is not None]
    return tuple(model for release in releases for model in release.models.values())

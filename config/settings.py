"""What may differ between two environments, each setting with its unit, limit and reason.

A difference between environments is a value here, never an `if` anywhere else.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from config import combinations
from config.alarms import AlarmSettings
from config.algorithm import AlgorithmImage
from config.bootstrap import BootstrapSettings
from config.capture import CaptureSettings
from config.errors import require
from config.gates import GateSettings
from config.network import VpcSettings
from config.pipeline import PipelineSettings
from config.realtime import RealtimeSettings
from config.rollout import AllAtOnce, Rollout
from config.serverless import ServerlessSettings
from config.traffic import Single, TrafficPlan
from config.training import TrainingSettings

_NAME: Final = re.compile(r"[a-z][a-z0-9]{1,15}")
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d")


@dataclass(frozen=True, kw_only=True)
class EndpointCredentials:
    """Keys for an endpoint that is not AWS; real AWS credentials never stand in a settings file."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One environment. `local`, `dev` and `prod` are three values of this one kind."""

    name: str
    app: str = "darkroom"
    account: str | None
    """Twelve digits. None = not decided yet: one trial account, whose credentials say which;
    promotion between accounts refuses then (design D12)."""

    region: str
    endpoint_url: str | None = None
    """None is AWS. `AWS_ENDPOINT_URL` overrides it when a command runs, never at synth."""

    endpoint_credentials: EndpointCredentials | None = None
    """Who names the endpoint brings the credentials: set exactly when `endpoint_url` is."""

    training: TrainingSettings
    algorithm: AlgorithmImage
    realtime: RealtimeSettings | None
    """None switches the real-time endpoint off."""

    serverless: ServerlessSettings | None
    """None switches the serverless endpoint off."""

    gates: GateSettings = field(default_factory=GateSettings)
    """What a model has to show before it stands in the release file."""

    traffic: TrafficPlan = field(default_factory=Single)
    """Of the real-time endpoint; its roles and their weights stand in the release file."""

    capture: CaptureSettings | None = None
    """None keeps nothing of the real-time endpoint's traffic."""

    alarms: AlarmSettings | None = None
    """None watches nothing."""

    rollout: Rollout = field(default_factory=AllAtOnce)
    """How an update reaches the real-time endpoint; a serverless one is updated at once."""

    vpc: VpcSettings | None = None
    """None lets SageMaker choose the network."""

    network_isolation: bool = False
    """Model servers make no network calls and hold no credentials."""

    customer_managed_keys: bool = False
    """Encrypt datasets, artifacts and captured traffic with KMS keys of the environment's own, at
    a monthly price each. For good: what was written with a key is read with it (decision 15)."""

    bootstrap: BootstrapSettings = field(default_factory=BootstrapSettings)
    """What `darkroom bootstrap` asks the CDK's bootstrap of the account for."""

    pipeline: PipelineSettings | None = None
    """None lets no pipeline in; people deploy with credentials of their own."""

    def __post_init__(self) -> None:
        for what, found in (("name", self.name), ("app", self.app)):
            require(
                _NAME.fullmatch(found) is not None,
                f"settings.{what}",
                found=found,
                limit="2 to 16 lower-case letters and digits, a letter first",
                remedy="shorten it: the names of stacks, jobs and endpoints begin with it",
            )
        require(
            self.account is None or re.fullmatch(r"\d{12}", self.account) is not None,
            "settings.account",
            found=self.account,
            limit="12 digits or None",
        )
        require(
            _REGION.fullmatch(self.region) is not None,
            "settings.region",
            found=self.region,
            limit="a region such as 'eu-central-1'",
        )
        self._check_endpoint()
        combinations.check(self)

    def _check_endpoint(self) -> None:
        url = self.endpoint_url
        require(
            url is None or re.fullmatch(r"https?://[^/\s]+", url) is not None,
            "settings.endpoint_url",
            found=url,
            limit="http(s)://host:port without a path, or None for AWS",
        )
        require(
            (url is None) == (self.endpoint_credentials is None),
            "settings.endpoint_credentials",
            found=self.endpoint_credentials,
            limit="set exactly when settings.endpoint_url is set",
            remedy="name both, or neither to use AWS with the caller's own credentials",
        )

    @property
    def prefix(self) -> str:
        """What every name of this environment begins with: `darkroom-dev`."""
        return f"{self.app}-{self.name}"

"""What a drill is going to do, and what it runs, before anything is started."""

from collections.abc import Mapping
from typing import Any, Final

from config.alarms import AlarmSettings
from config.realtime import RealtimeSettings
from scripts.deployment.assembly import stacks_of
from scripts.drilling.candidate import Candidate
from scripts.drilling.defect import WHAT
from scripts.drilling.load import REQUESTS_PER_SECOND
from scripts.drilling.stage import GONE, Stage
from scripts.drilling.stage_files import SOUND
from scripts.errors import Refused
from scripts.serving.rollout import RolloutPolicy, duration

_STARTING_MINUTES: Final = 15
"""On AWS: an endpoint is created, a second fleet started, and both are deleted."""


def plan(stage: Stage, broken: Candidate) -> list[tuple[str, str]]:
    """By name: the question, what runs and bills, what is expected to catch the broken model.

    Raises Refused for an environment without alarms on a real-time endpoint.
    """
    settings = stage.session.settings
    realtime, alarms = settings.realtime, settings.alarms
    if realtime is None or alarms is None:
        raise Refused(f"environment {settings.name} has no alarms on a real-time endpoint")
    endpoint = _endpoint(stage)
    rollout = RolloutPolicy.read(endpoint.get("DeploymentConfig"))
    rows = [
        ("question", "is a bad release caught, and undone?"),
        ("endpoint", f"{endpoint['EndpointName']}, thrown away at the end; no other is touched"),
        ("runs", _bill(realtime, alarms, rollout)),
        ("rollout", rollout.describe()),
        ("alarms", _alarms(alarms)),
        ("traffic", f"{REQUESTS_PER_SECOND:g} requests a second, none of them repeated"),
        ("broken model", f"a copy of the release that {WHAT[broken.format]}"),
    ]
    if stage.status() != GONE:
        rows.append(("first", "what an interrupted drill left is removed"))
    return rows


def _endpoint(stage: Stage) -> Mapping[str, Any]:
    """The properties of the endpoint, from the very template that is deployed."""
    (stack,) = stacks_of(stage.assembly, SOUND)
    (endpoint,) = (
        resource["Properties"]
        for resource in stack.template["Resources"].values()
        if resource["Type"] == "AWS::SageMaker::Endpoint"
    )
    properties: Mapping[str, Any] = endpoint
    return properties


def _bill(realtime: RealtimeSettings, alarms: AlarmSettings, rollout: RolloutPolicy) -> str:
    fleet = realtime.instance_count
    minutes = _STARTING_MINUTES + alarms.reaction_seconds // 60
    return (
        f"{fleet} x {realtime.instance_type}, and {rollout.extra_instances(fleet)} more during "
        f"the update, for about {minutes} minutes on AWS; a role to run them"
    )


def _alarms(alarms: AlarmSettings) -> str:
    return (
        f"above {alarms.error_percent:g} % errors or {alarms.latency_p99_milliseconds:g} ms (p99), "
        f"in {alarms.datapoints_to_alarm} of {alarms.evaluation_periods} x "
        f"{duration(alarms.period_seconds)}"
    )

"""A deployment's plan, and what blocks it."""

from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console, RenderableType

from config.environments import DEV
from scripts.deployment.assembly import SynthesizedStack
from scripts.deployment.plan import Plan, plan
from scripts.deployment.progress import Progress
from scripts.deployment.screen import plan_screen, progress_board
from scripts.deployment.stacks import DeployedStack
from scripts.deployment.templates import ENDPOINT, Effect
from scripts.errors import Refused
from scripts.session import open_session
from tests.unit.scripts.serving.fleets import NAME, live

BUCKET = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}}}}
DATA = SynthesizedStack(id="dev/Data", name="darkroom-dev-data", template=BUCKET)
DEPLOYED = DeployedStack(name=DATA.name, status="UPDATE_COMPLETE", template=BUCKET)
POLICY = {"Type": "AWS::IAM::Policy", "Properties": {}}


def planned(stack: SynthesizedStack = DATA, deployed: DeployedStack | None = DEPLOYED) -> Plan:
    return plan(DEV, [stack], {stack.name: deployed}, [live(status="Missing", variants=())])


def test_a_stack_that_is_as_synthesized_is_not_touched() -> None:
    found = planned()
    assert [stack.effect for stack in found.stacks] == [Effect.NOTHING]
    assert (found.changed, found.obstacles) == ((), ())


@pytest.mark.parametrize(
    "deployed",
    [None, DeployedStack(name=DATA.name, status="ROLLBACK_COMPLETE", template=None)],
    ids=["never", "never to an end"],
)
def test_a_stack_that_never_was_is_created(deployed: DeployedStack | None) -> None:
    found = planned(deployed=deployed)
    assert [stack.effect for stack in found.changed] == [Effect.CREATED]
    assert found.obstacles == ()


def test_a_mark_of_synth_blocks_and_is_said_once_however_many_stacks_carry_it() -> None:
    marked = replace(DATA, errors=("the champion may not be deployed",))
    serving = replace(marked, id="dev/Serving", name="darkroom-dev-serving")
    found = plan(DEV, [marked, serving], {DATA.name: DEPLOYED}, [])
    assert found.obstacles == ("the champion may not be deployed",)
    assert found.to_value()["blocked"] == ["the champion may not be deployed"]
    shown = " ".join(seen(plan_screen(found)).split())
    assert shown.count("blocked the champion may not be deployed") == 1
    with pytest.raises(Refused, match="blocked: 1 reason above; nothing was changed"):
        found.check()


def test_a_resource_that_joins_a_stack_changes_it() -> None:
    more = replace(DATA, template={"Resources": {**BUCKET["Resources"], "Policy": POLICY}})
    (stack,) = planned(more).changed
    assert stack.effect is Effect.IN_PLACE
    assert [each.effect for each in stack.resources] == [Effect.CREATED]


@pytest.mark.parametrize(
    "different",
    [{"tags": {"a": "b"}}, {"template": {**BUCKET, "Outputs": {"A": {"Value": "1"}}}}],
    ids=["tags", "outputs"],
)
def test_what_is_no_resource_changes_a_stack_as_well(different: dict[str, Any]) -> None:
    (stack,) = planned(replace(DATA, **different)).changed
    assert (stack.effect, stack.resources) == (Effect.IN_PLACE, ())


def test_a_stack_that_loses_a_resource_is_changed_and_not_removed() -> None:
    more = {"Resources": {**BUCKET["Resources"], "Policy": POLICY}}
    (stack,) = planned(deployed=replace(DEPLOYED, template=more)).changed
    assert stack.to_value()["effect"] == "changed"
    assert [each.effect for each in stack.resources] == [Effect.REMOVED]


def test_a_blocked_plan_gives_its_reasons_once_and_then_their_number() -> None:
    planned().check()
    blocked = planned(deployed=replace(DEPLOYED, status="UPDATE_FAILED"))
    shown = " ".join(seen(plan_screen(blocked)).split())
    assert blocked.obstacles[0] in shown
    with pytest.raises(Refused, match=r"^blocked: 1 reason above; nothing was changed$"):
        blocked.check()


def seen(renderable: RenderableType, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_on_a_narrow_board_the_news_is_cut_and_no_name() -> None:
    more = replace(
        DATA,
        id="production/Serving",
        template={"Resources": {**BUCKET["Resources"], "Policy": POLICY}},
    )
    progress = Progress(session=open_session(DEV), plan=planned(more))
    name = "a-rather-long-application-production-realtime"
    progress.endpoints[name] = "new fleet starts (champion 0 of 4, challenger 0 of 4 instances)"
    progress.stacks[more.name].now = "creating Realtime/ChallengerAlarms/Latency and what follows"
    lines = seen(progress_board(progress, 3), 72).splitlines()
    assert "production/Serving" in lines[0]
    assert name in lines[1]
    assert lines[1].rstrip().endswith("…")
    assert len(lines) == 3


def test_only_a_change_of_permissions_is_to_be_approved() -> None:
    more = replace(DATA, template={"Resources": {**BUCKET["Resources"], "Policy": POLICY}})
    assert planned(more).stacks[0].touches_permissions
    assert not planned(deployed=None).stacks[0].touches_permissions


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("UPDATE_ROLLBACK_FAILED", "npx cdk rollback dev/Data"),
        ("UPDATE_FAILED", "npx cdk rollback dev/Data"),
        ("DELETE_FAILED", "npx cdk destroy 'dev/Data'"),
        ("UPDATE_IN_PROGRESS", "wait for its end"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "wait for its end"),
    ],
)
def test_a_stack_that_takes_no_update_blocks_with_its_remedy(status: str, remedy: str) -> None:
    found = planned(deployed=replace(DEPLOYED, status=status))
    assert [stack.effect for stack in found.stacks] == [Effect.BLOCKED]
    (obstacle,) = found.obstacles
    assert f"stack darkroom-dev-data is {status}" in obstacle
    assert remedy in obstacle
    assert bool(found.busy) == status.endswith("IN_PROGRESS")


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_COMPLETE", "CREATE_COMPLETE"])
def test_a_stack_that_went_back_can_be_deployed_again(status: str) -> None:
    assert planned(deployed=replace(DEPLOYED, status=status)).obstacles == ()


def test_a_deployed_stack_that_is_in_no_template_any_more_blocks() -> None:
    left = replace(DEPLOYED, name="darkroom-dev-serving")
    found = plan(DEV, [DATA], {DATA.name: DEPLOYED, left.name: left}, [])
    (obstacle,) = found.obstacles
    assert "stack darkroom-dev-serving is deployed, but dev has it no more" in obstacle


def test_an_endpoint_that_its_stack_is_just_creating_was_not_deleted_behind_its_back() -> None:
    endpoint = {"Type": ENDPOINT, "Properties": {"EndpointName": NAME, "EndpointConfigName": "c"}}
    serving = replace(DATA, template={"Resources": {"Endpoint": endpoint}})
    creating = replace(DEPLOYED, status="CREATE_IN_PROGRESS", template=serving.template)
    (obstacle,) = planned(serving, creating).obstacles
    assert "another deployment is under way" in obstacle
    created = replace(creating, status="CREATE_COMPLETE")
    assert "deleted behind its stack's back" in planned(serving, created).obstacles[0]

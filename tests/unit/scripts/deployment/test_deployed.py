"""Deployed stacks and their events, from a real CloudFormation."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from scripts.deployment.assembly import SynthesizedStack
from scripts.deployment.plan import Plan, plan
from scripts.deployment.progress import DONE, Progress
from scripts.deployment.stacks import deployed_stack
from scripts.session import Session
from tests.unit.scripts.stock_cloud import session_to, stock_cloud

STACK = "darkroom-local-data"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        yield session_to(url)


def template(**buckets: Any) -> dict[str, Any]:
    return {
        "Resources": {
            name: {
                "Type": "AWS::S3::Bucket",
                "Properties": properties,
                "Metadata": {"aws:cdk:path": f"local/Data/{name}/Resource"},
            }
            for name, properties in buckets.items()
        }
    }


def planned(session: Session, name: str, body: dict[str, Any]) -> Plan:
    stack = SynthesizedStack(id="local/Data", name=name, template=body)
    return plan(session.settings, [stack], {name: deployed_stack(session, name)}, [])


def deploys(session: Session, name: str, body: dict[str, Any]) -> tuple[Progress, list[str]]:
    """What the progress tells while CloudFormation does what was planned."""
    progress = Progress(session=session, plan=planned(session, name, body))
    progress.begin()
    cloudformation = session.client("cloudformation")
    first = deployed_stack(session, name) is None
    verb = "create" if first else "update"
    getattr(cloudformation, f"{verb}_stack")(StackName=name, TemplateBody=json.dumps(body))
    waiter = cloudformation.get_waiter(f"stack_{verb}_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1})
    return progress, list(progress.look())


def test_a_stack_that_is_not_there_is_none(session: Session) -> None:
    assert deployed_stack(session, "darkroom-local-nothing") is None


def test_a_deployed_template_is_what_was_sent(session: Session) -> None:
    body = template(Photos={"BucketName": "as-sent"})
    deploys(session, f"{STACK}-sent", body)
    found = deployed_stack(session, f"{STACK}-sent")
    assert found is not None
    assert found.template == body
    assert planned(session, f"{STACK}-sent", body).changed == ()


def test_each_step_of_a_stack_is_told_once_by_the_apps_own_names(session: Session) -> None:
    name = f"{STACK}-told"
    progress, lines = deploys(session, name, template(Photos={"BucketName": "told-one"}))
    assert lines == ["local/Data  Photos  created", "local/Data  created"]
    assert progress.stacks[name].now == DONE
    assert list(progress.look()) == []


def test_what_happened_before_is_not_told_again(session: Session) -> None:
    name = f"{STACK}-again"
    deploys(session, name, template(Photos={"BucketName": "again-one"}))
    _, lines = deploys(
        session,
        name,
        template(Photos={"BucketName": "again-one"}, More={"BucketName": "again-two"}),
    )
    assert lines == ["local/Data  More  created", "local/Data  updated"]


def test_a_failure_is_told_with_its_cause(session: Session) -> None:
    name = f"{STACK}-failed"
    body = template(Photos={"BucketName": "failed-one"})
    nobody = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
    wrong = {"Type": "Custom::Wrong", "Properties": {"ServiceToken": nobody}}
    body["Resources"]["Wrong"] = wrong
    progress = Progress(session=session, plan=planned(session, name, body))
    progress.begin()
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(body))
    waiter = cloudformation.get_waiter("stack_create_complete")
    with pytest.raises(WaiterError):
        waiter.wait(StackName=name, WaiterConfig={"Delay": 1})
    lines = list(progress.look())
    assert any(line.startswith("local/Data  Wrong  failed: ") for line in lines)
    assert any("rollback complete" in line for line in lines)
    assert progress.causes[0].startswith("Wrong: ")
    # Nothing of it was ever used, so the CDK makes it anew.
    assert planned(session, name, body).obstacles == ()


def test_a_cloud_that_is_gone_is_told_once_and_ends_nothing() -> None:
    nobody = session_to("http://127.0.0.1:9")
    stack = SynthesizedStack(id="local/Data", name=STACK, template=template(Photos={}))
    progress = Progress(session=nobody, plan=plan(nobody.settings, [stack], {}, []))
    (line,) = progress.look()
    assert line.startswith("progress cannot be seen now: nothing answers at")
    assert list(progress.look()) == []

"""One template after another: what CloudFormation will do, from the two alone."""

from collections.abc import Mapping
from typing import Any

import pytest

from scripts.deployment.templates import Effect, changes, references, rest_differs

MODEL, CONFIG, ENDPOINT = (
    f"AWS::SageMaker::{kind}" for kind in ("Model", "EndpointConfig", "Endpoint")
)


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


def serving(url: str = "s3://a/1", weight: int = 1, **endpoint: Any) -> dict[str, Any]:
    """A model, its configuration and the endpoint that runs it, as facts D.3 chains them."""
    return {
        "Resources": {
            "Model": resource(MODEL, PrimaryContainer={"ModelDataUrl": url}),
            "Config": resource(
                CONFIG,
                ProductionVariants=[
                    {
                        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                        "InitialVariantWeight": weight,
                    }
                ],
            ),
            "Endpoint": resource(
                ENDPOINT,
                EndpointName="e",
                EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                **endpoint,
            ),
        }
    }


def effects(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Effect]:
    return {change.logical_id: change.effect for change in changes(before, after)}


def test_the_same_template_changes_nothing() -> None:
    assert changes(serving(), serving()) == []
    assert not rest_differs(serving(), serving())


def test_a_first_deployment_creates_everything() -> None:
    assert set(effects(None, serving()).values()) == {Effect.CREATED}


def test_a_new_artifact_replaces_model_and_configuration_and_starts_a_new_fleet() -> None:
    assert effects(serving(), serving("s3://a/2")) == {
        "Model": Effect.REPLACED,
        "Config": Effect.REPLACED,
        "Endpoint": Effect.NEW_FLEET,
    }


def test_new_weights_leave_the_model_alone() -> None:
    assert effects(serving(), serving(weight=2)) == {
        "Config": Effect.REPLACED,
        "Endpoint": Effect.NEW_FLEET,
    }


def test_another_rollout_changes_the_endpoint_in_place() -> None:
    after = serving(DeploymentConfig={"BlueGreenUpdatePolicy": {}})
    (change,) = changes(serving(), after)
    assert (change.effect, change.properties) == (Effect.IN_PLACE, ("DeploymentConfig",))


def test_what_only_reads_a_resource_changed_in_place_does_not_change() -> None:
    def template(policy: str) -> dict[str, Any]:
        return {
            "Resources": {
                "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=policy),
                "Policy": resource("AWS::IAM::Policy", Roles=[{"Ref": "Role"}]),
            }
        }

    assert effects(template("a"), template("b")) == {"Role": Effect.IN_PLACE}


def test_a_resource_that_is_gone_is_removed() -> None:
    after = serving()
    del after["Resources"]["Endpoint"]
    assert effects(serving(), after) == {"Endpoint": Effect.REMOVED}


def test_an_output_is_a_change_without_a_resource() -> None:
    after = {**serving(), "Outputs": {"New": {"Value": "1"}}}
    assert changes(serving(), after) == []
    assert rest_differs(serving(), after)


def test_metadata_is_no_change() -> None:
    after = serving()
    after["Resources"]["Model"]["Metadata"] = {"aws:cdk:path": "dev/Serving/Champion/Model"}
    assert changes(serving(), after) == []
    assert not rest_differs(serving(), after)


def test_a_type_that_no_stack_of_ours_had_is_not_guessed_at() -> None:
    before, after = ({"Resources": {"X": resource("AWS::New::Thing", A=a)}} for a in (1, 2))
    assert effects(before, after) == {"X": Effect.CHANGED}


def test_a_resource_is_named_by_its_path_within_the_stack() -> None:
    template = serving()
    template["Resources"]["Model"]["Metadata"] = {
        "aws:cdk:path": "dev/Serving/Champion/Model/Resource"
    }
    paths = {change.logical_id: change.path for change in changes(None, template)}
    assert (paths["Model"], paths["Config"]) == ("Champion/Model", "Config")


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "X"},
        {"Fn::GetAtt": ["X", "Arn"]},
        {"Fn::GetAtt": "X.Arn"},
        {"Fn::Sub": "a/${X.Arn}"},
        {"Fn::Sub": ["${name}", {"name": {"Ref": "X"}}]},
        {"Fn::Join": ["", ["a", {"Ref": "X"}]]},
        [{"deep": {"Ref": "X"}}],
    ],
    ids=lambda value: str(value)[:24],
)
def test_every_way_to_refer_to_a_resource_is_known(value: object) -> None:
    assert "X" in set(references(value))

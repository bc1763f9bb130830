"""A release becomes a model behind endpoints that are updated, never replaced."""

from dataclasses import replace
from pathlib import Path

import pytest

from config import outputs
from config.environments import DEV, ENVIRONMENTS, PROD
from config.rollout import AllAtOnce
from config.settings import Settings
from tests.stacks.assembly import Assembly, release_of, synthesize
from tests.stacks.plans import ISOLATED, RELEASES

SERVING = "prod/Serving"
WITHOUT_REALTIME = replace(DEV, realtime=None, capture=None, rollout=AllAtOnce())


def test_the_model_is_the_released_artifact_in_the_released_image(assembly: Assembly) -> None:
    released = release_of(PROD).models["champion"]
    model = assembly.only(SERVING, "AWS::SageMaker::Model")
    assert model.properties["PrimaryContainer"] == {
        "Image": released.image,
        "ModelDataUrl": released.model_data_url,
    }


def test_the_model_waits_for_its_role_and_the_roles_policy(assembly: Assembly) -> None:
    model = assembly.only(SERVING, "AWS::SageMaker::Model")
    waits_for = {
        resource.type
        for resource in assembly.resources()
        if resource.stack == SERVING and resource.logical_id in model.body["DependsOn"]
    }
    assert waits_for == {"AWS::IAM::Role", "AWS::IAM::Policy"}


@pytest.mark.parametrize("kind", ["Realtime", "Serverless"])
def test_an_endpoint_refers_to_generated_names_so_that_a_change_updates_it(
    assembly: Assembly, kind: str
) -> None:
    model = assembly.only(SERVING, "AWS::SageMaker::Model")
    config = assembly.only(SERVING, "AWS::SageMaker::EndpointConfig", kind)
    endpoint = assembly.only(SERVING, "AWS::SageMaker::Endpoint", kind)
    (variant,) = config.properties["ProductionVariants"]
    assert variant["ModelName"] == {"Fn::GetAtt": [model.logical_id, "ModelName"]}
    assert endpoint.properties["EndpointConfigName"] == {
        "Fn::GetAtt": [config.logical_id, "EndpointConfigName"]
    }
    assert endpoint.properties["EndpointName"] == f"darkroom-prod-{kind.lower()}"
    assert variant["VariantName"] == "champion"


def test_every_model_of_a_release_is_traced_by_outputs_of_its_role(plans: Assembly) -> None:
    found = plans.outputs("split/Serving")
    for role, released in RELEASES["split"].models.items():
        model = plans.only("split/Serving", "AWS::SageMaker::Model", f"{role.title()}Model")
        assert found[outputs.of_role(role, outputs.TRAINING_JOB_ARN)] == released.training_job_arn
        assert found[outputs.of_role(role, outputs.MODEL_DATA_URL)] == released.model_data_url
        assert found[outputs.of_role(role, outputs.MODEL_ARN)] == {"Ref": model.logical_id}
    assert outputs.of_role("challenger2", outputs.MODEL_ARN) == "Challenger2ModelArn"


def test_an_isolated_model_runs_in_the_subnets_of_the_settings(everything: Assembly) -> None:
    assert ISOLATED.vpc is not None
    isolated = everything.only("isolated/Serving", "AWS::SageMaker::Model").properties
    assert isolated["EnableNetworkIsolation"] is True
    assert isolated["VpcConfig"] == {
        "SecurityGroupIds": list(ISOLATED.vpc.security_group_ids),
        "Subnets": list(ISOLATED.vpc.subnet_ids),
    }
    elsewhere = everything.only(SERVING, "AWS::SageMaker::Model").properties
    assert not {"EnableNetworkIsolation", "VpcConfig"} & set(elsewhere)


def test_a_serverless_endpoint_is_kept_warm_as_far_as_the_settings_say(plans: Assembly) -> None:
    config = plans.only("warm/Serving", "AWS::SageMaker::EndpointConfig").properties
    (variant,) = config["ProductionVariants"]
    assert variant["ServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 10,
        "ProvisionedConcurrency": 2,
    }


def test_a_serverless_endpoint_has_what_serverless_can_have_and_no_more(
    everything: Assembly,
) -> None:
    for endpoint in everything.resources("AWS::SageMaker::Endpoint"):
        if endpoint.logical_id.startswith("Serverless"):
            assert set(endpoint.properties) == {"EndpointConfigName", "EndpointName"}
    for config in everything.resources("AWS::SageMaker::EndpointConfig"):
        if config.logical_id.startswith("Serverless"):
            assert set(config.properties) == {"ProductionVariants"}
            (variant,) = config.properties["ProductionVariants"]
            assert variant["VariantName"] == "champion"


def test_an_update_keeps_the_capacity_and_takes_the_releases_weights(assembly: Assembly) -> None:
    realtime = assembly.only(SERVING, "AWS::SageMaker::Endpoint", "Realtime")
    assert realtime.properties["RetainAllVariantProperties"] is True
    assert realtime.properties["ExcludeRetainedVariantProperties"] == [
        {"VariantPropertyType": "DesiredWeight"}
    ]


def test_capacity_comes_from_the_settings(assembly: Assembly) -> None:
    assert PROD.realtime is not None
    assert PROD.serverless is not None
    (on_instances,) = assembly.only(
        SERVING, "AWS::SageMaker::EndpointConfig", "Realtime"
    ).properties["ProductionVariants"]
    assert on_instances["InstanceType"] == PROD.realtime.instance_type
    assert on_instances["InitialInstanceCount"] == PROD.realtime.instance_count
    (on_demand,) = assembly.only(
        SERVING, "AWS::SageMaker::EndpointConfig", "Serverless"
    ).properties["ProductionVariants"]
    assert on_demand["ServerlessConfig"] == {
        "MemorySizeInMB": PROD.serverless.memory_size_mb,
        "MaxConcurrency": PROD.serverless.max_concurrency,
    }
    assert "InstanceType" not in on_demand


def test_the_model_is_traced_by_tags_and_outputs(assembly: Assembly) -> None:
    release = release_of(PROD)
    champion = release.models["champion"]
    tags = {
        tag["Key"]: tag["Value"]
        for tag in assembly.only(SERVING, "AWS::SageMaker::Model").properties["Tags"]
    }
    assert tags == {
        "darkroom:training-job": champion.training_job_arn,
        "darkroom:dataset": champion.dataset_id,
        "darkroom:artifact-sha256": champion.artifact_sha256,
    }
    found = assembly.outputs(SERVING)
    assert found[outputs.TRAINING_JOB_ARN] == champion.training_job_arn
    assert found[outputs.DATASET_ID] == champion.dataset_id
    assert found[outputs.ARTIFACT_SHA256] == champion.artifact_sha256
    assert found[outputs.MODEL_DATA_URL] == champion.model_data_url
    assert found[outputs.RELEASE_DIGEST] == release.digest
    model = assembly.only(SERVING, "AWS::SageMaker::Model").logical_id
    assert found[outputs.MODEL_ARN] == {"Ref": model}
    assert {
        outputs.HOSTING_ROLE_ARN,
        outputs.SERVING_OPERATOR_POLICY_ARN,
        outputs.REALTIME_ENDPOINT_NAME,
        outputs.REALTIME_ENDPOINT_CONFIG_NAME,
        outputs.SERVERLESS_ENDPOINT_NAME,
        outputs.SERVERLESS_ENDPOINT_CONFIG_NAME,
    } <= set(found)


def test_a_new_release_changes_its_serving_stack_only(assembly: Assembly, tmp_path: Path) -> None:
    releases = [release_of(s, "second" if s == DEV else "first") for s in ENVIRONMENTS.values()]
    after = synthesize(tmp_path, releases=releases)
    changed = {
        name for name, template in after.templates.items() if template != assembly.templates[name]
    }
    assert changed == {"dev/Serving"}


def test_a_new_release_changes_the_model_and_no_endpoint(
    assembly: Assembly, tmp_path: Path
) -> None:
    after = synthesize(tmp_path, environments=[DEV], releases=[release_of(DEV, "second")])
    before = assembly.templates["dev/Serving"]["Resources"]
    changed = {
        resource.type
        for resource in after.resources()
        if resource.stack == "dev/Serving" and resource.body != before[resource.logical_id]
    }
    assert changed == {"AWS::SageMaker::Model"}


@pytest.mark.parametrize(
    ("settings", "left"),
    [(replace(DEV, serverless=None), "realtime"), (WITHOUT_REALTIME, "serverless")],
    ids=["without serverless", "without real-time"],
)
def test_an_endpoint_can_be_switched_off(settings: Settings, left: str, tmp_path: Path) -> None:
    assembly = synthesize(tmp_path, environments=[settings], releases=[release_of(settings)])
    endpoint = assembly.only("dev/Serving", "AWS::SageMaker::Endpoint")
    assert endpoint.properties["EndpointName"] == f"darkroom-dev-{left}"
    names = {key for key in assembly.outputs("dev/Serving") if "Endpoint" in key}
    assert names == {f"{left.title()}EndpointName", f"{left.title()}EndpointConfigName"}


def test_without_a_release_serving_is_left_out_and_synth_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assembly = synthesize(tmp_path, environments=[DEV], releases=[])
    assert set(assembly.templates) == {"dev/Data", "dev/Training", "dev/Delivery"}
    said = capsys.readouterr()
    assert "no release yet, so dev/Serving is left out" in said.err
    assert said.out == ""

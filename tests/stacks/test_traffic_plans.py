"""The roles of a release are the variants of the real-time endpoint, as its plan shares them."""

from pathlib import Path
from typing import Any

import pytest

from config.environments import PROD
from tests.stacks.assembly import Assembly, model_of, synthesize
from tests.stacks.plans import RELEASES, ROLLING, SPLIT


def realtime(assembly: Assembly, environment: str) -> Any:
    return assembly.only(
        f"{environment}/Serving", "AWS::SageMaker::EndpointConfig", "Realtime"
    ).properties


def weights(variants: list[dict[str, Any]]) -> dict[str, float]:
    return {variant["VariantName"]: variant["InitialVariantWeight"] for variant in variants}


def test_a_split_has_a_variant_for_each_role_with_the_releases_weight(plans: Assembly) -> None:
    config = realtime(plans, "split")
    assert weights(config["ProductionVariants"]) == {
        "champion": 90,
        "challenger": 10,
        "challenger2": 0,
    }
    assert "ShadowProductionVariants" not in config


def test_a_variant_runs_the_model_of_its_role(plans: Assembly) -> None:
    for variant in realtime(plans, "split")["ProductionVariants"]:
        begins = f"{variant['VariantName'].title()}Model"
        model = plans.only("split/Serving", "AWS::SageMaker::Model", begins)
        assert variant["ModelName"] == {"Fn::GetAtt": [model.logical_id, "ModelName"]}


def test_a_shadow_stands_beside_one_production_variant_with_its_share(plans: Assembly) -> None:
    config = realtime(plans, "shadowed")
    assert weights(config["ProductionVariants"]) == {"champion": 1.0}
    assert weights(config["ShadowProductionVariants"]) == {"shadow": 0.25}


@pytest.mark.parametrize("environment", ["local", "prod"])
def test_a_plan_without_its_second_model_deploys_the_champion_alone(
    environment: str, assembly: Assembly
) -> None:
    config = realtime(assembly, environment)
    assert weights(config["ProductionVariants"]) == {"champion": 1.0}
    assert "ShadowProductionVariants" not in config


def test_the_serverless_endpoint_of_a_split_serves_the_champion_alone(plans: Assembly) -> None:
    config = plans.only("split/Serving", "AWS::SageMaker::EndpointConfig", "Serverless")
    (variant,) = config.properties["ProductionVariants"]
    champion = plans.only("split/Serving", "AWS::SageMaker::Model", "ChampionModel")
    assert variant["ModelName"] == {"Fn::GetAtt": [champion.logical_id, "ModelName"]}


def test_routing_and_timeouts_come_from_the_settings(plans: Assembly) -> None:
    (variant,) = realtime(plans, "rolling")["ProductionVariants"]
    assert ROLLING.realtime is not None
    assert variant["RoutingConfig"] == {"RoutingStrategy": "RANDOM"}
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 300
    assert variant["ModelDataDownloadTimeoutInSeconds"] == 600


def test_what_the_settings_leave_to_sagemaker_is_not_in_the_template(assembly: Assembly) -> None:
    (variant,) = realtime(assembly, "prod")["ProductionVariants"]
    assert PROD.realtime is not None
    assert not [key for key in variant if "Timeout" in key]
    assert variant["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}


def test_metrics_come_as_often_as_the_settings_say(everything: Assembly) -> None:
    assert realtime(everything, "rolling")["MetricsConfig"] == {
        "MetricPublishFrequencyInSeconds": 30
    }
    assert "MetricsConfig" not in realtime(everything, "prod")


def test_captured_traffic_goes_to_the_bucket_for_it(assembly: Assembly) -> None:
    capture = realtime(assembly, "prod")["DataCaptureConfig"]
    assert PROD.capture is not None
    assert capture["EnableCapture"] is True
    assert capture["InitialSamplingPercentage"] == PROD.capture.sampled_percent
    assert capture["CaptureOptions"] == [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
    assert capture["CaptureContentTypeHeader"] == {"JsonContentTypes": ["application/json"]}
    scheme, bucket, prefix = capture["DestinationS3Uri"]["Fn::Join"][1]
    assert (scheme, prefix) == ("s3://", "/capture")
    assert "CaptureBucket" in bucket["Fn::ImportValue"]


def test_without_capture_nothing_is_captured(plans: Assembly) -> None:
    assert "DataCaptureConfig" not in realtime(plans, "plain")


def test_other_weights_change_the_endpoints_configuration_and_nothing_else(
    plans: Assembly, tmp_path: Path
) -> None:
    release = RELEASES["split"].with_weights({"champion": 1, "challenger": 1, "challenger2": 1})
    after = synthesize(tmp_path, environments=[SPLIT], releases=[release])
    changed = {
        resource.logical_id
        for resource in after.resources()
        if resource.body != plans.templates[resource.stack]["Resources"][resource.logical_id]
    }
    config = plans.only("split/Serving", "AWS::SageMaker::EndpointConfig", "Realtime")
    assert changed == {config.logical_id}


def test_a_challenger_that_is_put_in_changes_nothing_but_serving(
    plans: Assembly, tmp_path: Path
) -> None:
    release = RELEASES["split"].with_model("challenger3", model_of(SPLIT, "fourth"))
    after = synthesize(tmp_path, environments=[SPLIT], releases=[release])
    changed = {
        name for name, template in after.templates.items() if template != plans.templates[name]
    }
    assert changed == {"split/Serving"}

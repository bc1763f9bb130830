"""What SageMaker describes, read."""

from typing import Any

from scripts.serving.live import read_endpoint, short_artifact
from tests.releases import any_model

CONFIG: dict[str, Any] = {
    "ProductionVariants": [
        {"VariantName": "champion", "ModelName": "m1", "InstanceType": "ml.m5.large"},
        {"VariantName": "challenger", "ModelName": "m2", "InstanceType": "ml.m5.large"},
    ],
    "DataCaptureConfig": {"EnableCapture": True, "InitialSamplingPercentage": 25},
}
CONTAINERS = {"m1": {"Image": "i", "ModelDataUrl": "s3://a/1"}, "m2": {"ModelDataUrl": "s3://a/2"}}


def summary(name: str, weight: float, **more: object) -> dict[str, object]:
    return {
        "VariantName": name,
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": 1,
        "DesiredInstanceCount": 2,
        **more,
    }


def described(**more: object) -> dict[str, object]:
    return {
        "EndpointName": "e",
        "EndpointStatus": "InService",
        "EndpointConfigName": "c",
        "ProductionVariants": [summary("champion", 3.0), summary("challenger", 1.0)],
        **more,
    }


def test_every_variant_is_followed_to_the_artifact_of_its_model() -> None:
    endpoint = read_endpoint("realtime", described(), CONFIG, CONTAINERS)
    found = {variant.name: variant.model_data_url for variant in endpoint.variants}
    assert found == {"champion": "s3://a/1", "challenger": "s3://a/2"}
    assert endpoint.model_data_url == "s3://a/1"


def test_a_share_is_the_weight_over_the_sum_of_the_weights() -> None:
    endpoint = read_endpoint("realtime", described(), CONFIG, CONTAINERS)
    assert [endpoint.share(variant) for variant in endpoint.variants] == [0.75, 0.25]


def test_a_shadow_takes_no_share_from_the_champion() -> None:
    config = {
        "ProductionVariants": CONFIG["ProductionVariants"][:1],
        "ShadowProductionVariants": [{"VariantName": "shadow", "ModelName": "m2"}],
    }
    answer = described(
        ProductionVariants=[summary("champion", 1.0)],
        ShadowProductionVariants=[summary("shadow", 0.2)],
    )
    endpoint = read_endpoint("realtime", answer, config, CONTAINERS)
    shares = {each.name: (each.shadow, endpoint.share(each)) for each in endpoint.variants}
    assert shares == {"champion": (False, 1.0), "shadow": (True, 0.2)}


def test_capture_that_is_switched_off_captures_nothing() -> None:
    off = {**CONFIG, "DataCaptureConfig": {"EnableCapture": False, "InitialSamplingPercentage": 9}}
    assert read_endpoint("realtime", described(), CONFIG, {}).capture_percent == 25
    assert read_endpoint("realtime", described(), off, {}).capture_percent is None


def test_a_serverless_variant_has_concurrency_and_no_instances() -> None:
    config = {"ProductionVariants": [{"VariantName": "champion", "ModelName": "m1"}]}
    size = {"MemorySizeInMB": 2048, "MaxConcurrency": 4, "ProvisionedConcurrency": 1}
    row = summary("champion", 1.0, CurrentServerlessConfig=size, CurrentInstanceCount=0)
    endpoint = read_endpoint("serverless", described(ProductionVariants=[row]), config, CONTAINERS)
    (variant,) = endpoint.variants
    assert endpoint.serverless
    assert (variant.current_instances, variant.desired_instances) == (None, None)
    assert (variant.memory_size_mb, variant.max_concurrency) == (2048, 4)
    assert variant.provisioned_concurrency == 1


def test_an_endpoint_whose_configuration_was_deleted_is_described_without_its_models() -> None:
    endpoint = read_endpoint("realtime", described(), {}, {})
    assert [each.model_data_url for each in endpoint.variants] == [None, None]


def test_a_pending_update_tells_its_phase() -> None:
    pending = {
        "EndpointConfigName": "next",
        "ProductionVariants": [summary("champion", 0.5, VariantStatus=[{"Status": "Baking"}])],
    }
    answer = described(EndpointStatus="Updating", PendingDeploymentSummary=pending)
    endpoint = read_endpoint("realtime", answer, CONFIG, CONTAINERS)
    assert endpoint.busy
    assert endpoint.pending is not None
    assert endpoint.pending.endpoint_config_name == "next"
    assert endpoint.pending.variants[0].phases == ("Baking",)


def test_a_released_artifact_is_shortened_to_its_digest_and_another_is_not() -> None:
    model = any_model()
    assert short_artifact(model.model_data_url) == model.artifact_sha256[:12]
    assert short_artifact("s3://elsewhere/model.tar.gz") == "s3://elsewhere/model.tar.gz"
    assert short_artifact(None) == "unknown"

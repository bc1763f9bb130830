"""Shadow variants: they see a sample of the requests, and nobody sees them (facts sheet C.6)."""

from dataclasses import replace
from typing import Any

import pytest

from local.sagemaker import shadow
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK, Start
from tests.local.sagemaker.emulator import SCOPE
from tests.local.sagemaker.invoking import agents, ask, gone, refusal, report, total
from tests.local.sagemaker.requests import (
    capture_config,
    deploy,
    instance_variant,
    model_request,
    until,
)
from tests.local.sagemaker.test_capture import FIRST_DELIVERY, objects

VARIANT = "x-Amzn-Invoked-Production-Variant"


def with_shadow(
    sagemaker: SageMaker, endpoint: str, weight: float = 1.0, *, slow: str = "0", **members: Any
) -> dict[str, Any]:
    """An endpoint with a shadow; its description."""
    for name, environment in (
        ("production", {"MY_VARIABLE": "production"}),
        ("shadowed", {"MY_VARIABLE": "shadow", "SLOW": slow}),
    ):
        model = model_request(name, None, Environment=environment)
        sagemaker.call(SCOPE, "CreateModel", model)
    candidate = instance_variant("shadow", "shadowed", InitialVariantWeight=weight)
    return deploy(
        sagemaker,
        endpoint,
        instance_variant("champion", "production"),
        ShadowProductionVariants=[candidate],
        **members,
    )


def test_a_shadow_gets_a_sample_and_its_records_join_productions(
    start: Start, s3: Any, bucket: str, emulator_url: str
) -> None:
    sagemaker = start(FIRST_DELIVERY)
    description = with_shadow(sagemaker, "sampled", 0.5, DataCaptureConfig=capture_config(bucket))
    assert description["EndpointStatus"] == "InService", description.get("FailureReason")
    (shown,) = description["ShadowProductionVariants"]
    assert (shown["VariantName"], shown["CurrentWeight"]) == ("shadow", 0.5)
    assert shown["CurrentInstanceCount"] == 1
    assert [each["VariantName"] for each in description["ProductionVariants"]] == ["champion"]

    asked = 200
    for number in range(asked):
        answer = ask(sagemaker, "sampled", b"photo", inference_id=f"id-{number}")
        assert answer.headers[VARIANT] == "champion"
        assert report(answer)["environment"] == "production"

    def by_variant(name: str) -> dict[str, tuple[str, str]]:
        return {
            record["eventMetadata"]["eventId"]: (
                record["eventMetadata"]["inferenceId"],
                record["captureData"]["endpointOutput"]["data"],
            )
            for key, records in objects(s3, bucket).items()
            if f"/sampled/{name}/" in key
            for record in records
        }

    until(lambda: len(by_variant("champion")) == asked)
    where = {"EndpointName": "sampled", "VariantName": "shadow"}
    until(lambda: total(emulator_url, "Invocations", **where) == len(by_variant("shadow")))
    production, copies = by_variant("champion"), by_variant("shadow")
    assert 62 < len(copies) < 138  # 100 expected; beyond is less likely than 1 in 10 million
    for event, (inference, output) in copies.items():
        assert production[event][0] == inference
        assert '"environment": "shadow"' in output
    latency = {"statistic": "SampleCount", **where}
    assert total(emulator_url, "ModelLatency", **latency) == len(copies)


def test_a_shadow_cannot_be_asked(sagemaker: SageMaker) -> None:
    with_shadow(sagemaker, "unasked")
    error = refusal(sagemaker, "unasked", target_variant="shadow")
    assert (error.code, error.http_status) == ("ValidationError", 400)
    assert "Variant shadow not found" in str(error)


def test_the_share_and_the_instances_of_a_shadow_can_be_changed(
    sagemaker: SageMaker, emulator_url: str
) -> None:
    with_shadow(sagemaker, "changed", 0.0)
    change = {"VariantName": "shadow", "DesiredWeight": 1.0, "DesiredInstanceCount": 2}
    request = {"EndpointName": "changed", "DesiredWeightsAndCapacities": [change]}
    sagemaker.call(SCOPE, "UpdateEndpointWeightsAndCapacities", request)
    (shown,) = sagemaker.wait_until_settled(SCOPE, "changed")["ShadowProductionVariants"]
    assert (shown["CurrentWeight"], shown["CurrentInstanceCount"]) == (1.0, 2)
    ask(sagemaker, "changed")
    where = {"EndpointName": "changed", "VariantName": "shadow"}
    until(lambda: total(emulator_url, "Invocations", **where) == 1)
    assert total(emulator_url, "InvocationsPerInstance", **where) == 0.5


def test_a_shadow_that_does_not_keep_up_loses_copies_and_harms_nobody(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shadow, "WORKERS", 2)
    monkeypatch.setattr(shadow, "WAITING_COPIES", 3)
    sagemaker = start(replace(QUICK, invocation_seconds=5))
    with_shadow(sagemaker, "slowed", slow="0.5")
    for _ in range(30):
        assert report(ask(sagemaker, "slowed"))["environment"] == "production"
    until(lambda: "did not keep up" in caplog.text)
    assert "shadow variant shadow did not keep up: 25 copies dropped" in caplog.text


def test_a_dead_shadow_harms_nobody_and_comes_back(sagemaker: SageMaker, emulator_url: str) -> None:
    with_shadow(sagemaker, "killed")
    where = {"EndpointName": "killed", "VariantName": "shadow"}
    ask(sagemaker, "killed")
    until(lambda: total(emulator_url, "Invocations", **where) == 1)
    for agent in agents():
        (container,) = agent.children()
        if container.environ()["MY_VARIABLE"] == "shadow":
            container.kill()
    for _ in range(20):
        assert report(ask(sagemaker, "killed"))["environment"] == "production"

    def counted_again() -> bool:
        ask(sagemaker, "killed")
        return total(emulator_url, "Invocation5XXErrors", statistic="SampleCount", **where) > 1

    until(counted_again)
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": "killed"})
    until(lambda: gone(sagemaker, "killed"))
    assert agents() == []

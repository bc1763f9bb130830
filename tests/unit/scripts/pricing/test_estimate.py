"""The monthly estimate, against the reference figures of facts sheet G.3."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from config.training import TrainingSettings
from scripts.deployment.planned import planned_endpoints
from scripts.deployment.templates import Template
from scripts.errors import Refused
from scripts.pricing import Estimate, Line, Usage, estimate, read_prices, rollout_lines
from scripts.pricing import training_cost as cost_of_training
from scripts.pricing.amount import Amount
from scripts.pricing.training import training_lines
from tests.unit.scripts.pricing.templates import endpoint, instances, scaled, serverless, template

REGION = "us-east-1"
PRICES = read_prices()
NOBODY = Usage(requests_per_month=Decimal(0), stored_gb=Decimal(0))


def _estimate(*templates: Template, usage: Usage = NOBODY, region: str = REGION) -> Estimate:
    return estimate(templates, region, usage, PRICES)


def _line(found: Estimate | Iterable[Line], name: str) -> Line:
    lines = found.lines if isinstance(found, Estimate) else found
    (line,) = (line for line in lines if name in line.name)
    return line


def test_an_instance_costs_730_hours_a_month_whether_anybody_asks_or_not() -> None:
    found = _estimate(template(endpoint(instances("ml.m5.xlarge"))))
    assert found.known_usd == Amount.of(Decimal("167.90"))  # 0.23 an hour, facts G.3
    assert found.fixed_usd == found.known_usd
    assert found.unknown == ()


def test_every_variant_and_the_shadow_run_on_instances_of_their_own() -> None:
    found = _estimate(
        template(
            endpoint(
                instances("ml.m5.large", 2),
                instances("ml.m5.large", 1, VariantName="challenger"),
                shadows=(instances("ml.m5.xlarge", 1, VariantName="shadow"),),
            )
        )
    )
    assert found.known_usd == Amount.of(730 * (3 * Decimal("0.115") + Decimal("0.23")))


def test_a_variant_that_scales_costs_from_its_smallest_to_its_largest_fleet() -> None:
    found = _estimate(template(endpoint(instances("ml.m5.xlarge", 2)), scaled(2, 6)))
    line = _line(found, "champion")
    assert line.usd == Amount.of(Decimal("335.80"), Decimal("1007.40"))
    assert "2..6 x ml.m5.xlarge" in line.name
    # Application Auto Scaling makes two alarms of its own, which bill as the template's do.
    assert _line(found, "alarms").usd == Amount.of(Decimal("0.20"))


def test_scaling_of_another_variant_leaves_the_number_of_instances() -> None:
    found = _estimate(
        template(endpoint(instances("ml.m5.xlarge", 2)), scaled(2, 6, variant="challenger"))
    )
    assert _line(found, "champion").quantity == Amount.of(1460)


@pytest.mark.parametrize(("memory_mb", "usd"), [(2048, "0.00004"), (3072, "0.00006")])
def test_serverless_costs_the_seconds_that_it_answers(memory_mb: int, usd: str) -> None:
    usage = Usage(
        requests_per_month=Decimal(1_000_000),
        milliseconds_per_request=Decimal(250),
        image_kilobytes=Decimal(0),
        answer_kilobytes=Decimal(0),
    )
    found = _estimate(template(endpoint(serverless(memory_mb))), usage=usage)
    assert found.known_usd == Amount.of(250_000 * Decimal(usd))
    assert found.fixed_usd == Amount.of(0)


def test_data_costs_by_the_gigabyte_of_two_to_the_thirtieth_bytes() -> None:
    usage = Usage(
        requests_per_month=Decimal(2**30),
        image_kilobytes=Decimal(1),
        answer_kilobytes=Decimal(0),
    )
    found = _estimate(template(endpoint(instances())), usage=usage)
    assert _line(found, "images in").usd == Amount.of(1000 * Decimal("0.016"))


def test_provisioned_concurrency_bills_while_it_is_warm_and_less_while_it_answers() -> None:
    usage = Usage(requests_per_month=Decimal(500_000), milliseconds_per_request=Decimal(1000))
    found = _estimate(template(endpoint(serverless(2048, warm=2))), usage=usage)
    assert _line(found, "kept warm").usd == Amount.of(5_256_000 * Decimal("0.00001"))
    assert _line(found, "kept warm").fixed
    assert _line(found, "answering").usd == Amount.of(500_000 * Decimal("0.0000233"))


def test_a_price_that_is_not_known_is_named_and_is_in_no_sum() -> None:
    found = _estimate(
        template(
            endpoint(instances("ml.m5.large"), instances("ml.p9.xlarge", VariantName="challenger"))
        )
    )
    assert found.unknown == ("hosting on ml.p9.xlarge in us-east-1",)
    assert _line(found, "ml.p9.xlarge").usd is None
    assert found.known_usd == Amount.of(730 * Decimal("0.115"))


def test_a_region_without_prices_makes_everything_unknown_and_nothing_free() -> None:
    found = _estimate(template(endpoint(instances())), usage=Usage(), region="sa-east-1")
    assert found.known_usd == Amount.of(0)
    assert len(found.unknown) == len(found.lines) == 3


def test_the_memory_of_provisioned_concurrency_without_a_price_is_named() -> None:
    found = _estimate(template(endpoint(serverless(4096, warm=1))), usage=Usage())
    assert found.unknown == (
        "provisioned concurrency of 4096 MB, kept warm in us-east-1",
        "provisioned concurrency of 4096 MB, answering in us-east-1",
    )


def test_a_resource_that_nothing_here_can_price_is_named() -> None:
    found = _estimate(
        template(
            Function={
                "Type": "AWS::Lambda::Function",
                "Properties": {},
                "Metadata": {"aws:cdk:path": "dev/Api/Predict/Resource"},
            },
            Role={"Type": "AWS::IAM::Role", "Properties": {}},
        )
    )
    assert found.unknown == ("AWS::Lambda::Function dev/Api/Predict",)


def test_keys_and_alarms_cost_by_the_piece() -> None:
    found = _estimate(
        template(
            Key={"Type": "AWS::KMS::Key", "Properties": {}},
            Alias={"Type": "AWS::KMS::Alias", "Properties": {}},
            Slow={"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 60}},
            Fast={"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 10}},
        )
    )
    assert found.known_usd == Amount.of(Decimal("1.40"))
    assert found.unknown == ()


def test_an_alarm_on_metric_math_costs_by_the_metric() -> None:
    rows: list[dict[str, object]] = [
        {"Id": "rate", "Expression": "errors / requests"},
        {"Id": "errors", "MetricStat": {"Period": 60, "Stat": "Sum"}},
        {"Id": "requests", "MetricStat": {"Period": 60, "Stat": "Sum"}},
    ]
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": rows}}
    assert _estimate(template(Alarm=alarm)).known_usd == Amount.of(Decimal("0.20"))
    for row in rows[1:]:
        row["MetricStat"] = {"Period": 10}
    assert _estimate(template(Alarm=alarm)).known_usd == Amount.of(Decimal("0.60"))


def test_a_volume_is_billed_where_the_template_says_how_large_it_is() -> None:
    sized = template(endpoint(instances("ml.m5.large", 2, VolumeSizeInGB=20)))
    assert _line(_estimate(sized), "volumes").usd == Amount.of(40 * Decimal("0.14"))
    unsized = _estimate(template(endpoint(instances("ml.m5.large", 2))))
    assert "left to SageMaker" in unsized.left_out[0]
    own_disk = _estimate(template(endpoint(instances("ml.g4dn.xlarge"))))
    assert not any("left to SageMaker" in text for text in own_disk.left_out)


def test_captured_requests_are_stored_for_as_long_as_their_bucket_keeps_them() -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 50,
        "DestinationS3Uri": {
            "Fn::Join": ["", ["s3://", {"Fn::ImportValue": "dev-data:RefCaptureBucketAB12"}]]
        },
    }
    rules = [{"Status": "Enabled", "ExpirationInDays": 73}]
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"LifecycleConfiguration": {"Rules": rules}},
    }
    usage = Usage(
        requests_per_month=Decimal(2**30),
        image_kilobytes=Decimal("0.75"),
        answer_kilobytes=Decimal(0),
        stored_gb=Decimal(0),
    )
    found = _estimate(
        template(CaptureBucketAB12=bucket), template(endpoint(instances(), capture=capture)),
        usage=usage,
    )  # fmt: skip
    # 750 GB of images are 1000 GB as base64; half of it, for 73 of 30.4 days.
    stored = _line(found, "capture")
    assert stored.quantity.least == pytest.approx(Decimal(500) * 73 * 24 / 730)
    assert "73 days" in stored.why


def test_an_endpoint_that_costs_nothing_for_lack_of_use_has_nothing_unknown() -> None:
    found = _estimate(template(endpoint(serverless(2048))), region="sa-east-1")
    assert found.unknown == ()


def test_the_json_of_an_estimate_adds_up() -> None:
    value = _estimate(
        template(endpoint(instances("ml.m5.xlarge", 2)), scaled(2, 6)), usage=Usage()
    ).to_value()
    for end in ("least", "most"):
        parts = sum(line["usd"][end] for line in value["lines"])
        assert value["known_usd"][end] == pytest.approx(parts, abs=0.001)
    assert value["usage"]["requests_per_month"] == 100_000


def test_a_training_job_costs_its_billable_seconds_on_each_instance() -> None:
    assert cost_of_training("ml.m5.large", 1, 1800, REGION, PRICES) == Decimal("0.0575")
    assert cost_of_training("ml.g5.2xlarge", 2, 3600, REGION, PRICES) == Decimal("3.030")
    assert cost_of_training("ml.p9.xlarge", 1, 3600, REGION, PRICES) is None


def test_a_month_of_training_bills_volumes_where_the_type_has_no_disks_of_its_own() -> None:
    settings = TrainingSettings(instance_type="ml.m5.large", instance_count=2, volume_size_gb=73)
    hours, volumes = training_lines(settings, Decimal(5), REGION, PRICES)
    assert hours.usd == Amount.of(10 * Decimal("0.115"))
    assert volumes.usd == Amount.of(Decimal("0.14"))  # 2 x 73 GB for 5 of 730 hours
    fast = replace(settings, instance_type="ml.g5.xlarge")
    assert len(training_lines(fast, Decimal(5), REGION, PRICES)) == 1


def test_an_update_bills_a_second_fleet_for_as_long_as_it_lasts() -> None:
    (blue,) = planned_endpoints(template(endpoint(instances("ml.m5.xlarge", 4)))).values()
    (line,) = rollout_lines(blue, 900, REGION, PRICES)
    assert line.usd == Amount.of(4 * Decimal("0.23") / 4)
    rolling = {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 60,
        }
    }
    (planned,) = planned_endpoints(
        template(endpoint(instances("ml.m5.xlarge", 4), deployment=rolling))
    ).values()
    (line,) = rollout_lines(planned, 900, REGION, PRICES)
    assert line.usd == Amount.of(Decimal("0.23") / 4)
    (cold,) = planned_endpoints(template(endpoint(serverless()))).values()
    assert rollout_lines(cold, 900, REGION, PRICES) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests_per_month": Decimal(-1)},
        {"stored_gb": Decimal("Infinity")},
        {"image_kilobytes": Decimal("NaN")},
        {"milliseconds_per_request": Decimal(0)},
    ],
)
def test_an_assumption_that_cannot_be_is_refused_by_name(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(Refused, match=next(iter(wrong)).replace("_", " ")):
        Usage(**wrong)

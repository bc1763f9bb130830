"""Each variant that answers has as many instances as its traffic needs (facts C.13)."""

from config.environments import PROD
from tests.stacks.assembly import Assembly, Resource


def targets(assembly: Assembly, environment: str) -> list[Resource]:
    return [
        resource
        for resource in assembly.resources("AWS::ApplicationAutoScaling::ScalableTarget")
        if resource.stack == f"{environment}/Serving"
    ]


def test_a_variant_scales_between_the_settings_limits(assembly: Assembly) -> None:
    assert PROD.realtime is not None
    scaling = PROD.realtime.scaling
    assert scaling is not None
    (target,) = targets(assembly, "prod")
    assert target.properties == {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": "endpoint/darkroom-prod-realtime/variant/champion",
        "MinCapacity": scaling.min_instances,
        "MaxCapacity": scaling.max_instances,
        # No RoleARN: the service-linked role holds what is needed, and the CDK invents none.
    }


def test_it_follows_the_requests_that_one_instance_gets(assembly: Assembly) -> None:
    assert PROD.realtime is not None
    scaling = PROD.realtime.scaling
    assert scaling is not None
    (target,) = targets(assembly, "prod")
    policy = assembly.only("prod/Serving", "AWS::ApplicationAutoScaling::ScalingPolicy")
    assert policy.properties["PolicyType"] == "TargetTrackingScaling"
    assert policy.properties["ScalingTargetId"] == {"Ref": target.logical_id}
    assert policy.properties["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
        "TargetValue": scaling.requests_per_instance_per_minute,
        "ScaleInCooldown": scaling.scale_in_cooldown_seconds,
        "ScaleOutCooldown": scaling.scale_out_cooldown_seconds,
    }


def test_a_target_waits_for_its_endpoint(everything: Assembly) -> None:
    for target in everything.resources("AWS::ApplicationAutoScaling::ScalableTarget"):
        endpoint = everything.only(target.stack, "AWS::SageMaker::Endpoint", "Realtime")
        assert target.body["DependsOn"] == [endpoint.logical_id]


def test_every_variant_that_answers_scales_and_a_shadow_does_not(plans: Assembly) -> None:
    def scaled(environment: str) -> set[str]:
        return {t.properties["ResourceId"].rpartition("/")[2] for t in targets(plans, environment)}

    assert scaled("split") == {"champion", "challenger", "challenger2"}
    assert scaled("shadowed") == {"champion"}
    assert scaled("rolling") == scaled("warm") == set()

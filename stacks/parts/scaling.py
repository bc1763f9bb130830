"""As many instances as a variant's traffic needs (facts C.13)."""

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.scaling import ScalingSettings

_NAMESPACE = "sagemaker"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"


class VariantScaling(Construct):
    """Target tracking on the requests that one instance gets in a minute.

    No role is named: Application Auto Scaling then works under its service-linked role for
    SageMaker endpoints, which holds exactly what it needs and is made at the first registration.
    The CDK's own construct would invent a role that nobody may take on.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        endpoint: sagemaker.CfnEndpoint,
        endpoint_name: str,
        variant_name: str,
        settings: ScalingSettings,
    ) -> None:
        super().__init__(scope, id_)
        self.target = autoscaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace=_NAMESPACE,
            scalable_dimension=_DIMENSION,
            resource_id=f"endpoint/{endpoint_name}/variant/{variant_name}",
            min_capacity=settings.min_instances,
            max_capacity=settings.max_instances,
        )
        # It holds the endpoint's name as a literal (design D5), which orders nothing by itself.
        self.target.node.add_dependency(endpoint)
        self.policy = autoscaling.CfnScalingPolicy(
            self,
            "Policy",
            # Required; unique within its target.
            policy_name="RequestsPerInstance",
            policy_type="TargetTrackingScaling",
            scaling_target_id=self.target.ref,
            target_tracking_scaling_policy_configuration=_tracking(settings),
        )


def _tracking(
    settings: ScalingSettings,
) -> autoscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty:
    policy = autoscaling.CfnScalingPolicy
    return policy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=settings.requests_per_instance_per_minute,
        predefined_metric_specification=policy.PredefinedMetricSpecificationProperty(
            predefined_metric_type="SageMakerVariantInvocationsPerInstance"
        ),
        scale_in_cooldown=settings.scale_in_cooldown_seconds,
        scale_out_cooldown=settings.scale_out_cooldown_seconds,
    )

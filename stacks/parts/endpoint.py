"""An endpoint and the configuration it runs; real-time on instances, or serverless.

A change of model makes a new Model and a new EndpointConfig, and updates the Endpoint in place;
that works only while Model and EndpointConfig have no names of their own, and are referred to
by the names that CloudFormation gives them, not by their ARNs (facts D.3).
"""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.serving import RealtimeSettings, ServerlessSettings

CHAMPION = "champion"
"""Names a variant; constant, so that alarms, scaling and weights outlive a change of model."""

_Variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty


class Endpoint(Construct):
    """One endpoint, called `name` for as long as the environment exists."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        variant: sagemaker.CfnEndpointConfig.ProductionVariantProperty,
    ) -> None:
        super().__init__(scope, id_)
        self.name = name
        self.config = sagemaker.CfnEndpointConfig(self, "Config", production_variants=[variant])
        self.endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=name,
            endpoint_config_name=self.config_name,
        )

    @property
    def config_name(self) -> str:
        """The name that CloudFormation gives the endpoint's configuration."""
        return self.config.attr_endpoint_config_name

    @property
    def arn(self) -> str:
        """The endpoint's ARN, known before it exists."""
        return Stack.of(self).format_arn(
            service="sagemaker", resource="endpoint", resource_name=self.name
        )

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Send requests to this endpoint and to no other."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=[self.arn]
        )

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """See which configuration this endpoint runs."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:DescribeEndpoint"], resource_arns=[self.arn]
        )


class RealtimeEndpoint(Endpoint):
    """On instances; an update keeps the capacity reached, and takes the release's weights."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        model: sagemaker.CfnModel,
        weight: float,
        settings: RealtimeSettings,
    ) -> None:
        super().__init__(
            scope,
            id_,
            name=name,
            variant=_Variant(
                variant_name=CHAMPION,
                model_name=model.attr_model_name,
                instance_type=settings.instance_type,
                initial_instance_count=settings.instance_count,
                initial_variant_weight=weight,
            ),
        )
        # With nothing retained an update shrinks a scaled-out fleet; with everything retained
        # a new split of the traffic is silently ignored (design D15).
        self.endpoint.retain_all_variant_properties = True
        self.endpoint.exclude_retained_variant_properties = [
            sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DesiredWeight")
        ]


class ServerlessEndpoint(Endpoint):
    """On demand. It has no instances whose number an update could lose, so retains nothing."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        model: sagemaker.CfnModel,
        settings: ServerlessSettings,
    ) -> None:
        super().__init__(
            scope,
            id_,
            name=name,
            variant=_Variant(
                variant_name=CHAMPION,
                model_name=model.attr_model_name,
                # The only variant there can be (facts C.4), so its weight says nothing.
                initial_variant_weight=1,
                serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                    memory_size_in_mb=settings.memory_size_mb,
                    max_concurrency=settings.max_concurrency,
                ),
            ),
        )

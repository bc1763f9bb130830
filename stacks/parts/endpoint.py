"""An endpoint and the configuration it runs; real-time on instances, or serverless.

A change of model makes a new Model and a new EndpointConfig, and updates the Endpoint in place;
that works only while Model and EndpointConfig have no names of their own, and are referred to
by the names that CloudFormation gives them, not by their ARNs (facts D.3).
"""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.alarms import AlarmSettings
from config.realtime import DEFAULT_METRICS_PERIOD_SECONDS
from config.roles import CHAMPION, SHADOW
from config.scaling import ScalingSettings
from config.settings import Settings
from config.traffic import Shadow
from stacks.parts.alarms import VariantAlarms
from stacks.parts.metrics import VariantMetrics
from stacks.parts.rollout import deployment
from stacks.parts.scaling import VariantScaling
from stacks.parts.variant import Variant, on_demand, on_instances

_Config = sagemaker.CfnEndpointConfig


class Endpoint(Construct):
    """One endpoint, called `name` for as long as the environment exists."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        variants: Mapping[str, Variant],
        settings: Settings,
        metrics_period_seconds: int,
    ) -> None:
        super().__init__(scope, id_)
        self.name = name
        self.metrics: Mapping[str, VariantMetrics] = {
            variant: VariantMetrics(
                endpoint_name=name,
                variant_name=variant,
                on_demand=variants[variant].serverless_config is not None,
            )
            for variant in variants
        }
        """By variant, for whoever wants to watch the endpoint too."""

        self.config = _Config(
            self,
            "Config",
            production_variants=[variants[role] for role in variants if role != SHADOW],
        )
        if SHADOW in variants:
            self.config.shadow_production_variants = [variants[SHADOW]]
        self.endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=name,
            endpoint_config_name=self.config_name,
        )
        self.alarms: dict[str, VariantAlarms] = {}
        if settings.alarms is not None:
            self._watch(settings.alarms, metrics_period_seconds)

    def _watch(self, settings: AlarmSettings, metrics_period_seconds: int) -> None:
        for variant, metrics in self.metrics.items():
            self.alarms[variant] = VariantAlarms(
                self,
                f"{variant.title()}Alarms",
                metrics=metrics,
                settings=settings,
                metrics_period_seconds=metrics_period_seconds,
            )
            # An update asks for them by name, so they have to exist before it (facts C.11).
            self.endpoint.node.add_dependency(self.alarms[variant])

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


class RealtimeEndpoint(Endpoint):
    """On instances: the traffic plan's variants, updated by the environment's rollout."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        models: Mapping[str, sagemaker.CfnModel],
        weights: Mapping[str, float],
        settings: Settings,
        capture: sagemaker.CfnEndpointConfig.DataCaptureConfigProperty | None = None,
    ) -> None:
        """`models` and `weights` by role. Raises ValueError without `settings.realtime`."""
        realtime = settings.realtime
        if realtime is None:
            raise ValueError("settings.realtime is None, which switches this endpoint off")
        shares = _shares(settings, weights)
        super().__init__(
            scope,
            id_,
            name=name,
            variants={
                role: on_instances(role, model, shares[role], realtime)
                for role, model in models.items()
            },
            settings=settings,
            metrics_period_seconds=realtime.metrics_period_seconds,
        )
        self.config.data_capture_config = capture
        if realtime.metrics_period_seconds != DEFAULT_METRICS_PERIOD_SECONDS:
            self.config.metrics_config = _Config.MetricsConfigProperty(
                metric_publish_frequency_in_seconds=realtime.metrics_period_seconds
            )
        self._keep_capacity()
        self.endpoint.deployment_config = deployment(settings.rollout, self._undoing())
        if realtime.scaling is not None:
            self._scale(realtime.scaling)

    @property
    def _answering(self) -> list[str]:
        return [variant for variant in self.metrics if variant != SHADOW]

    def _undoing(self) -> list[cloudwatch.Alarm]:
        """The alarms that undo an update: a shadow in trouble is what it was put there to show."""
        watched = [self.alarms[variant] for variant in self._answering if variant in self.alarms]
        return [alarm for alarms in watched for alarm in alarms.all]

    def _scale(self, settings: ScalingSettings) -> None:
        for variant in self._answering:
            VariantScaling(
                self,
                f"{variant.title()}Scaling",
                endpoint=self.endpoint,
                endpoint_name=self.name,
                variant_name=variant,
                settings=settings,
            )

    def _keep_capacity(self) -> None:
        """An update keeps the capacity reached, and takes the release's weights (design D15).

        With nothing retained it would shrink a scaled-out fleet; with everything retained it would
        silently ignore a new split of the traffic.
        """
        self.endpoint.retain_all_variant_properties = True
        self.endpoint.exclude_retained_variant_properties = [
            sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DesiredWeight")
        ]


def _shares(settings: Settings, weights: Mapping[str, float]) -> Mapping[str, float]:
    if isinstance(settings.traffic, Shadow):
        # The shadow's weight is its share relative to the champion's, which is kept at 1 because
        # AWS documents no formula (facts C.6).
        return {CHAMPION: 1.0, SHADOW: settings.traffic.sampled_percent / 100}
    return weights


class ServerlessEndpoint(Endpoint):
    """On demand, the champion alone: no guardrails, nothing to retain (facts C.4)."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        model: sagemaker.CfnModel,
        settings: Settings,
    ) -> None:
        """Raises ValueError without `settings.serverless`."""
        if settings.serverless is None:
            raise ValueError("settings.serverless is None, which switches this endpoint off")
        super().__init__(
            scope,
            id_,
            name=name,
            variants={CHAMPION: on_demand(model, settings.serverless)},
            settings=settings,
            metrics_period_seconds=DEFAULT_METRICS_PERIOD_SECONDS,
        )

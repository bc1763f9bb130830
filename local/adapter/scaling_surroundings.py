"""SageMaker, CloudWatch and IAM around Application Auto Scaling, as ministack plays them.

Stock: alarms have no home but its CloudWatch module, roles none but its IAM module.
Needed: the port of `local.autoscaling`, for any account and region, from any thread.
Touches: `cloudwatch._put_metric_alarm`, `.cloudformation_delete_metric_alarm`, `._alarms`,
`iam._roles`, `._gen_id`, `._now`, `responses.request_scope`.
"""

import json
from collections.abc import Callable
from typing import Any

from local.autoscaling.ports import Capacity
from local.autoscaling.variants import CONCURRENCY, INSTANCES, ScalableVariant
from local.cloudwatch.distribution import Distribution
from local.cloudwatch.metrics import Metric, Metrics
from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope
from local.sagemaker.service import SageMaker

ROLE_PATH = "/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
ROLE_NAME = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
PRINCIPAL = "sagemaker.application-autoscaling.amazonaws.com"


class EmulatedSurroundings:
    """The port, over one SageMaker and one store of metrics."""

    def __init__(
        self, sagemaker: SageMaker, metrics: Metrics, on_change: Callable[[], None]
    ) -> None:
        self._sagemaker = sagemaker
        self._metrics = metrics
        self._on_change = on_change

    def capacity(self, scope: Scope, variant: ScalableVariant) -> Capacity | None:
        """What DescribeEndpoint says of the variant."""
        try:
            sought = {"EndpointName": variant.endpoint_name}
            endpoint = self._sagemaker.call(scope, "DescribeEndpoint", sought)
        except ApiError:
            return None
        for summary in endpoint.get("ProductionVariants", ()):
            if summary["VariantName"] == variant.variant_name:
                return self._capacity(scope, variant, endpoint, summary)
        return None

    def _capacity(
        self,
        scope: Scope,
        variant: ScalableVariant,
        endpoint: dict[str, Any],
        summary: dict[str, Any],
    ) -> Capacity | None:
        serverless = "CurrentServerlessConfig" in summary
        if serverless == (variant.dimension is INSTANCES):
            return None
        busy = endpoint["EndpointStatus"] != "InService"
        if serverless:
            now, soon = summary["CurrentServerlessConfig"], summary["DesiredServerlessConfig"]
            return Capacity(
                current=now.get("ProvisionedConcurrency", 0),
                desired=soon.get("ProvisionedConcurrency", 0),
                busy=busy,
                instance_type=None,
            )
        return Capacity(
            current=summary["CurrentInstanceCount"],
            desired=summary["DesiredInstanceCount"],
            busy=busy,
            instance_type=self._instance_type(scope, endpoint["EndpointConfigName"], variant),
        )

    def _instance_type(
        self, scope: Scope, config_name: str, variant: ScalableVariant
    ) -> str | None:
        try:
            sought = {"EndpointConfigName": config_name}
            config = self._sagemaker.call(scope, "DescribeEndpointConfig", sought)
        except ApiError:  # deleted while its endpoint goes on
            return None
        types: dict[str, str | None] = {
            each["VariantName"]: each.get("InstanceType") for each in config["ProductionVariants"]
        }
        return types.get(variant.variant_name)

    def set_capacity(self, scope: Scope, variant: ScalableVariant, count: int) -> None:
        """UpdateEndpointWeightsAndCapacities. Raises ApiError."""
        wanted: dict[str, Any] = {"DesiredInstanceCount": count}
        if variant.dimension is CONCURRENCY:
            wanted = {"ServerlessUpdateConfig": {"ProvisionedConcurrency": count}}
        request = {
            "EndpointName": variant.endpoint_name,
            "DesiredWeightsAndCapacities": [{"VariantName": variant.variant_name, **wanted}],
        }
        self._sagemaker.call(scope, "UpdateEndpointWeightsAndCapacities", request)

    def publish_idleness(self, scope: Scope, variant: ScalableVariant, now: float) -> None:
        """A zero in InvocationsPerInstance: SageMaker emits zeros for a variant without traffic,
        so that it is scaled in."""
        dimensions = {"EndpointName": variant.endpoint_name, "VariantName": variant.variant_name}
        metric = Metric.of("AWS/SageMaker", "InvocationsPerInstance", dimensions)
        self._metrics.add(scope, metric, "None", now, Distribution.of_values({0.0: 1}), now)

    def put_alarm(self, scope: Scope, alarm: dict[str, Any]) -> None:
        """Create or change an alarm."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        with request_scope(scope.account, scope.region):
            status, _, body = cloudwatch._put_metric_alarm({}, alarm, False, True)
        if status != 200:
            raise ApiError("ValidationException", f"The alarm was refused: {body.decode()}")

    def delete_alarms(self, scope: Scope, names: list[str]) -> None:
        """Delete those that still exist."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        with request_scope(scope.account, scope.region):
            for name in names:
                cloudwatch.cloudformation_delete_metric_alarm(name)

    def in_alarm(self, scope: Scope, name: str) -> bool:
        """Whether an alarm is in ALARM."""
        from ministack.services import cloudwatch

        alarm = cloudwatch._alarms.get_scoped(scope.account, scope.region, name)
        return alarm is not None and alarm["StateValue"] == "ALARM"

    def service_linked_role(self, scope: Scope) -> str:
        """The role's ARN; the role is made where it is missing."""
        from ministack.core.responses import request_scope
        from ministack.services import iam

        with request_scope(scope.account, scope.region):
            if ROLE_NAME not in iam._roles:
                iam._roles[ROLE_NAME] = {
                    "RoleName": ROLE_NAME,
                    "Arn": role_arn(scope),
                    "RoleId": iam._gen_id("AROA"),
                    "CreateDate": iam._now(),
                    "Path": ROLE_PATH,
                    "AssumeRolePolicyDocument": json.dumps(_TRUST),
                    "Description": "",
                    "MaxSessionDuration": 3600,
                    "AttachedPolicies": [],
                    "InlinePolicies": {},
                    "Tags": [],
                }
        return role_arn(scope)

    def changed(self) -> None:
        """Have the service's state saved soon."""
        self._on_change()


def role_arn(scope: Scope) -> str:
    """The ARN of the account's service-linked role, made or not (facts sheet C.13)."""
    return f"arn:aws:iam::{scope.account}:role{ROLE_PATH}{ROLE_NAME}"


def role_exists(scope: Scope) -> bool:
    """Whether the service-linked role was made already."""
    from ministack.services import iam

    return iam._roles.get_scoped(scope.account, None, ROLE_NAME) is not None


_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "sts:AssumeRole"}
    ],
}

"""What lets somebody see an environment, and change nothing of it."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs
from config.settings import Settings


def see_stacks(scope: Construct, settings: Settings, *further: str) -> iam.PolicyStatement:
    """Where the environment's stacks stand; `further` names other stacks."""
    return _on_stacks(scope, ["cloudformation:DescribeStacks"], f"{settings.prefix}-*", *further)


def see_contents(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """What the environment's stacks made, such as the alarms, which have no names of ours."""
    return _on_stacks(scope, ["cloudformation:DescribeStackResources"], f"{settings.prefix}-*")


def see_deployments(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """What a deployment of the environment would change, and what one did."""
    return _on_stacks(
        scope,
        ["cloudformation:DescribeStackEvents", "cloudformation:GetTemplate"],
        f"{settings.prefix}-*",
    )


def see_endpoints(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """Which configurations the endpoints run, also one that the settings switch on tomorrow.

    Whoever may not look at an endpoint is not told that there is none either.
    """
    stack = Stack.of(scope)
    return iam.PolicyStatement(
        actions=["sagemaker:DescribeEndpoint"],
        resources=[
            stack.format_arn(
                service="sagemaker",
                resource="endpoint",
                resource_name=outputs.endpoint_name(settings.app, settings.name, kind),
            )
            for kind in outputs.ENDPOINT_CONFIG_NAMES
        ],
    )


def see_served(scope: Construct) -> iam.PolicyStatement:
    """The models and configurations that an endpoint may be found to run.

    CloudFormation makes their names up, and after a rollback an endpoint runs those of an older
    template, so no name can be given here.
    """
    stack = Stack.of(scope)
    return iam.PolicyStatement(
        actions=["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
        resources=[
            stack.format_arn(service="sagemaker", resource=resource, resource_name="*")
            for resource in ("endpoint-config", "model")
        ],
    )


def see_health() -> iam.PolicyStatement:
    """Whether anything is in alarm, and how far scaling may go; neither knows resources to name."""
    return iam.PolicyStatement(
        actions=[
            "application-autoscaling:DescribeScalableTargets",
            "cloudwatch:DescribeAlarms",
        ],
        resources=["*"],
    )


def see_metrics() -> iam.PolicyStatement:
    """Requests, errors and latencies; CloudWatch knows no resources to name."""
    return iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"])


def _on_stacks(scope: Construct, actions: list[str], *names: str) -> iam.PolicyStatement:
    stack = Stack.of(scope)
    return iam.PolicyStatement(
        actions=actions,
        resources=[
            # CloudFormation ends a stack's ARN with an id of its own making.
            stack.format_arn(service="cloudformation", resource="stack", resource_name=f"{name}/*")
            for name in names
        ],
    )

"""What lets somebody see an environment, and change nothing of it.

Everything is named in the stack's account and in the environment's own region: whoever promotes a
model may see another environment of the same account.
"""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs
from config.settings import Settings


def see_stacks(scope: Construct, settings: Settings, *further: str) -> iam.PolicyStatement:
    """Where the environment's stacks stand; `further` names other stacks."""
    return _on_stacks(
        scope, settings, ["cloudformation:DescribeStacks"], f"{settings.prefix}-*", *further
    )


def see_contents(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """What the environment's stacks made, such as the alarms, which have no names of ours."""
    return _on_stacks(
        scope, settings, ["cloudformation:DescribeStackResources"], f"{settings.prefix}-*"
    )


def see_deployments(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """What a deployment of the environment would change, and what one did."""
    return _on_stacks(
        scope,
        settings,
        ["cloudformation:DescribeStackEvents", "cloudformation:GetTemplate"],
        f"{settings.prefix}-*",
    )


def see_endpoints(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """Which configurations the endpoints run, also one that the settings switch on tomorrow.

    Whoever may not look at an endpoint is not told that there is none either.
    """
    return iam.PolicyStatement(
        actions=["sagemaker:DescribeEndpoint"], resources=_endpoints(scope, settings)
    )


def ask_endpoints(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """Have the endpoints predict, by their names, whichever of them the settings switch on."""
    return iam.PolicyStatement(
        actions=["sagemaker:InvokeEndpoint"], resources=_endpoints(scope, settings)
    )


def see_served(scope: Construct, settings: Settings) -> iam.PolicyStatement:
    """The models and configurations that an endpoint may be found to run.

    CloudFormation makes their names up, and after a rollback an endpoint runs those of an older
    template, so no name can be given here.
    """
    return iam.PolicyStatement(
        actions=["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
        resources=[
            _arn(scope, settings, "sagemaker", resource, "*")
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


def witness(scope: Construct, settings: Settings) -> list[iam.PolicyStatement]:
    """Whether the environment serves what its release file says, and what it answers."""
    return [
        see_stacks(scope, settings),
        see_endpoints(scope, settings),
        see_served(scope, settings),
        ask_endpoints(scope, settings),
    ]


def _endpoints(scope: Construct, settings: Settings) -> list[str]:
    return [
        _arn(
            scope,
            settings,
            "sagemaker",
            "endpoint",
            outputs.endpoint_name(settings.app, settings.name, kind),
        )
        for kind in outputs.ENDPOINT_CONFIG_NAMES
    ]


def _on_stacks(
    scope: Construct, settings: Settings, actions: list[str], *names: str
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=actions,
        # CloudFormation ends a stack's ARN with an id of its own making.
        resources=[_arn(scope, settings, "cloudformation", "stack", f"{name}/*") for name in names],
    )


def _arn(scope: Construct, settings: Settings, service: str, resource: str, name: str) -> str:
    return Stack.of(scope).format_arn(
        service=service, region=settings.region, resource=resource, resource_name=name
    )

"""The role that an environment's model servers run under, whichever model they serve."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.network import VpcSettings
from config.settings import Settings
from stacks.image import image_of
from stacks.parts.role import SageMakerRole


class HostingRole(SageMakerRole):
    """Everything that the settings make SageMaker do for it, but for the buckets (facts E.6).

    One role for all models: they run the same image in the same place, and the roles of a release
    swap models among each other all the time.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_, description="Runs Darkroom's model servers")
        self.grant_logs(f"/aws/sagemaker/Endpoints/{settings.prefix}-*")
        self.grant_metrics("AWS/SageMaker", "/aws/sagemaker/Endpoints")
        self.grant_pull(image_of(settings))
        if settings.rollout.auto_rollback:
            self._grant_alarms()
        if settings.vpc is not None:
            self._grant_network(settings.vpc)

    def _grant_alarms(self) -> None:
        """See whether an alarm is to undo an update.

        On all alarms: CloudWatch's permissions reference asks for `*`, and with less an answer may
        lack alarms without a word.
        """
        self.role.add_to_policy(
            iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"])
        )

    def _grant_network(self, vpc: VpcSettings) -> None:
        """Make network interfaces in these subnets, and take them away again.

        Looking knows no resources to name; nor does taking back a permission, which has an id of
        its own.
        """
        stack = Stack.of(self)

        def arns(resource: str, *names: str, account: str | None = None) -> list[str]:
            return [
                stack.format_arn(
                    service="ec2", account=account, resource=resource, resource_name=name
                )
                for name in names
            ]

        interfaces = arns("network-interface", "*")
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["ec2:CreateNetworkInterface"],
                resources=[
                    *interfaces,
                    # A shared subnet belongs to another account; its id is unique all the same.
                    *arns("subnet", *vpc.subnet_ids, account="*"),
                    *arns("security-group", *vpc.security_group_ids, account="*"),
                ],
            )
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "ec2:CreateNetworkInterfacePermission",
                    "ec2:DeleteNetworkInterface",
                ],
                resources=interfaces,
            )
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "ec2:DeleteNetworkInterfacePermission",
                    "ec2:DescribeDhcpOptions",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                ],
                resources=["*"],
            )
        )

"""Who may deploy: the permissions of the person or pipeline that types `darkroom deploy`."""

from aws_cdk import CfnOutput, DefaultStackSynthesizer
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs, prefixes
from config.settings import Settings
from stacks.parts.sight import see_contents, see_deployments, see_health, see_served, see_stacks
from stacks.parts.store import Store
from stacks.stack import EnvironmentStack

BOOTSTRAP_STACK = "CDKToolkit"


class DeliveryStack(EnvironmentStack):
    """A deployer changes nothing by itself: it takes on the roles of the CDK's bootstrap."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, artifacts: Store) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            description="Darkroom: the permissions of who deploys the environment",
        )
        deployer = iam.ManagedPolicy(
            self, "Deployer", description="What a person or pipeline needs for darkroom deploy"
        )
        self._grant_bootstrap_roles(deployer)
        # Before: what would change, and whether the released artifact is there.
        artifacts.grant_read(deployer, prefixes.MODELS)
        deployer.add_statements(
            see_stacks(self, settings, BOOTSTRAP_STACK),
            see_contents(self, settings),
            see_deployments(self, settings),
        )
        # Afterwards: whether what runs, and what it answers, is what was released.
        deployer.add_statements(see_served(self), see_health())
        self._grant_endpoints(deployer, settings)
        # For `darkroom drill`: bring a broken model, and take it away again.
        artifacts.grant_write(deployer, prefixes.DRILL)
        artifacts.grant_delete(deployer, prefixes.DRILL)
        CfnOutput(self, outputs.DEPLOY_POLICY_ARN, value=deployer.managed_policy_arn)

    def _grant_bootstrap_roles(self, deployer: iam.ManagedPolicy) -> None:
        """The CDK CLI works through the roles of `cdk bootstrap`: deploy, assets, look-up."""
        qualifier = DefaultStackSynthesizer.DEFAULT_QUALIFIER
        deployer.add_statements(
            iam.PolicyStatement(
                actions=["sts:AssumeRole"],
                resources=[
                    self.format_arn(
                        service="iam",
                        region="",
                        resource="role",
                        resource_name=f"cdk-{qualifier}-*-role-{self.account}-{self.region}",
                    )
                ],
            )
        )

    def _grant_endpoints(self, deployer: iam.ManagedPolicy, settings: Settings) -> None:
        """Ask the endpoints for one sample; they are not there yet when this policy is made."""
        deployer.add_statements(
            iam.PolicyStatement(
                actions=["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"],
                resources=[
                    self.format_arn(
                        service="sagemaker",
                        resource="endpoint",
                        resource_name=f"{settings.prefix}-*",
                    )
                ],
            )
        )

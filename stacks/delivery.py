"""Who may deploy: the permissions of the person or pipeline that types `darkroom deploy`."""

from aws_cdk import CfnOutput, DefaultStackSynthesizer
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs
from config.settings import Settings
from stacks.stack import EnvironmentStack

BOOTSTRAP_STACK = "CDKToolkit"


class DeliveryStack(EnvironmentStack):
    """A deployer changes nothing by itself: it takes on the roles of the CDK's bootstrap."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
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
        self._grant_proof(deployer, settings)
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

    def _grant_proof(self, deployer: iam.ManagedPolicy, settings: Settings) -> None:
        """See whether what runs afterwards is what was released.

        Models and configurations have names that CloudFormation makes up, and after a rollback
        those of an older template, so no name can be given here; describing changes nothing.
        """
        stacks = (f"{settings.prefix}-*", BOOTSTRAP_STACK)
        deployer.add_statements(
            iam.PolicyStatement(
                actions=["cloudformation:DescribeStacks"],
                resources=[
                    self.format_arn(
                        service="cloudformation", resource="stack", resource_name=f"{stack}/*"
                    )
                    for stack in stacks
                ],
            ),
            iam.PolicyStatement(
                actions=["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
                resources=[
                    self.format_arn(service="sagemaker", resource=resource, resource_name="*")
                    for resource in ("endpoint-config", "model")
                ],
            ),
            iam.PolicyStatement(
                actions=["sagemaker:DescribeEndpoint"],
                resources=[
                    self.format_arn(
                        service="sagemaker",
                        resource="endpoint",
                        resource_name=f"{settings.prefix}-*",
                    )
                ],
            ),
        )

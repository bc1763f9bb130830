"""Who may deploy, and who may promote: permissions of the people and pipelines of a release."""

from aws_cdk import CfnOutput, DefaultStackSynthesizer
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs, prefixes
from config.promotion import Promotion
from config.settings import Settings
from stacks.parts.pipeline import PipelineRole
from stacks.parts.promoter import Promoter
from stacks.parts.sight import see_contents, see_deployments, see_health, see_served, see_stacks
from stacks.parts.store import Store
from stacks.parts.witness import WitnessRole
from stacks.stack import EnvironmentStack

BOOTSTRAP_STACK = "CDKToolkit"


class DeliveryStack(EnvironmentStack):
    """A deployer changes nothing by itself: it takes on the roles of the CDK's bootstrap."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        promotion: Promotion,
        artifacts: Store,
    ) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            description="Darkroom: the permissions of who deploys the environment",
        )
        deployer = self._deployer(settings, artifacts)
        self._output(outputs.DEPLOY_POLICY_ARN, deployer.managed_policy_arn)
        if promotion.source is not None:
            promoter = Promoter(
                self, "Promoter", settings=settings, promotion=promotion, artifacts=artifacts
            )
            self._output(outputs.PROMOTE_POLICY_ARN, promoter.policy.managed_policy_arn)
        if promotion.reader_accounts:
            witness = WitnessRole(
                self, "Witness", settings=settings, accounts=promotion.reader_accounts
            )
            self._output(outputs.PROMOTION_WITNESS_ROLE_ARN, witness.role.role_arn)
        if settings.pipeline is not None:
            pipeline = PipelineRole(
                self,
                "Pipeline",
                settings=settings.pipeline,
                environment=settings.name,
                policy=deployer,
            )
            self._output(outputs.PIPELINE_ROLE_ARN, pipeline.role.role_arn)

    def _output(self, key: str, value: str) -> None:
        CfnOutput(self, key, value=value)

    def _deployer(self, settings: Settings, artifacts: Store) -> iam.ManagedPolicy:
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
        deployer.add_statements(see_served(self, settings), see_health())
        self._grant_endpoints(deployer, settings)
        # For `darkroom drill`: bring a broken model, and take it away again.
        artifacts.grant_write(deployer, prefixes.DRILL)
        artifacts.grant_delete(deployer, prefixes.DRILL)
        return deployer

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

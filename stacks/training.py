"""Who may train: the role of the jobs, and the permissions of the person who starts them."""

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs, prefixes
from config.settings import Settings
from stacks.image import image_of
from stacks.parts.arns import log_group_arns
from stacks.parts.role import SageMakerRole
from stacks.parts.sight import see_stacks
from stacks.parts.store import Store
from stacks.stack import EnvironmentStack

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


class TrainingStack(EnvironmentStack):
    """Training jobs themselves are started by `darkroom train`, not by CloudFormation."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        datasets: Store,
        artifacts: Store,
    ) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            description="Darkroom: the role of training jobs and the permissions to start them",
        )
        jobs = SageMakerRole(self, "Jobs", description="Runs Darkroom's training jobs")
        datasets.grant_read(jobs.role, prefixes.DATASETS)
        artifacts.grant_write(jobs.role, prefixes.TRAINING)
        jobs.grant_logs(LOG_GROUP)
        jobs.grant_metrics(LOG_GROUP)
        jobs.grant_pull(image_of(settings))

        operator = iam.ManagedPolicy(
            self, "Operator", description="What a person needs to prepare, train and release"
        )
        datasets.grant_read(operator, prefixes.DATASETS)
        datasets.grant_write(operator, prefixes.DATASETS)
        artifacts.grant_read(operator, prefixes.TRAINING, prefixes.MODELS)
        artifacts.grant_write(operator, prefixes.MODELS)
        self._grant_jobs(operator, settings)
        jobs.grant_pass(operator)

        CfnOutput(self, outputs.TRAINING_ROLE_ARN, value=jobs.role.role_arn)
        CfnOutput(self, outputs.TRAINING_OPERATOR_POLICY_ARN, value=operator.managed_policy_arn)

    def _grant_jobs(self, operator: iam.ManagedPolicy, settings: Settings) -> None:
        """Start, follow and stop the environment's training jobs, and find its stacks (E.7)."""
        operator.add_statements(
            iam.PolicyStatement(
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:CreateTrainingJob",
                    "sagemaker:DescribeTrainingJob",
                    "sagemaker:StopTrainingJob",
                ],
                resources=[
                    self.format_arn(
                        service="sagemaker",
                        resource="training-job",
                        resource_name=f"{settings.prefix}-*",
                    )
                ],
            ),
            iam.PolicyStatement(
                actions=["logs:DescribeLogStreams", "logs:GetLogEvents"],
                resources=log_group_arns(self, LOG_GROUP),
            ),
            see_stacks(self, settings),
        )

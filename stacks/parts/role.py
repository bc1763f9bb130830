"""A role that SageMaker works under, and what it always needs (facts sheet E.6)."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.parts.arns import log_group_arns, repository_arn

SERVICE = "sagemaker.amazonaws.com"


class SageMakerRole(Construct):
    """A role that only SageMaker can take on, and only for resources of this account."""

    def __init__(self, scope: Construct, id_: str, *, description: str) -> None:
        super().__init__(scope, id_)
        self.role = iam.Role(
            self,
            "Role",
            description=description,
            assumed_by=iam.ServicePrincipal(
                SERVICE,
                # Keeps SageMaker from using the role on behalf of another account's job.
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
        )

    def grant_logs(self, log_group: str) -> None:
        """Write into a log group, made if it is missing; `*` may end its name."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                resources=log_group_arns(self, log_group),
            )
        )

    def grant_metrics(self, *namespaces: str) -> None:
        """Publish metrics in these namespaces; CloudWatch knows no resources to name instead."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": list(namespaces)}},
            )
        )

    def grant_pull(self, image: str) -> None:
        """Pull a container image from ECR; getting a token knows no resources to name.

        The API's documentation says that SageMaker pulls its built-in images by itself, the
        roles guide asks for these permissions all the same.
        """
        self.role.add_to_policy(
            iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"])
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                resources=[repository_arn(self, image)],
            )
        )

    def grant_pass(self, policy: iam.ManagedPolicy) -> None:
        """Let the holder of a policy hand the role to SageMaker, and to no other service."""
        policy.add_statements(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[self.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": SERVICE}},
            )
        )

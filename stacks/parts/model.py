"""A released model as SageMaker hosts it: container, artifact and the role it runs under."""

from aws_cdk import CfnTag
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config import prefixes
from config.release import ReleasedModel
from stacks.parts.role import SageMakerRole
from stacks.parts.store import Store


class HostedModel(Construct):
    """A model and its role; it may read the released artifacts, and pull its own image."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        released: ReleasedModel,
        artifacts: Store,
        log_group: str,
    ) -> None:
        super().__init__(scope, id_)
        self.hosting = SageMakerRole(self, "Hosting", description="Runs Darkroom's model servers")
        artifacts.grant_read(self.hosting.role, prefixes.MODELS)
        self.hosting.grant_logs(log_group)
        self.hosting.grant_metrics("AWS/SageMaker", "/aws/sagemaker/Endpoints")
        self.hosting.grant_pull(released.image)
        self.model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=self.hosting.role.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=released.image, model_data_url=released.model_data_url
            ),
            tags=[
                CfnTag(key="darkroom:training-job", value=released.training_job_arn),
                CfnTag(key="darkroom:dataset", value=released.dataset_id),
                CfnTag(key="darkroom:artifact-sha256", value=released.artifact_sha256),
            ],
        )
        # Without its policy attached the role may exist and yet be denied the artifact: SageMaker
        # then fails the first endpoint with a 403 on model.tar.gz, now and then (style section 4).
        self.model.node.add_dependency(self.hosting)

"""A released model as SageMaker hosts it: container, artifact and the role it runs under."""

from aws_cdk import CfnTag
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.released_model import ReleasedModel
from config.settings import Settings
from stacks.parts.hosting import HostingRole


class HostedModel(Construct):
    """A model that endpoints can run; CloudFormation names it, so that it can be replaced."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        released: ReleasedModel,
        hosting: HostingRole,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        self.model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=hosting.role.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=released.image, model_data_url=released.model_data_url
            ),
            tags=[
                CfnTag(key="darkroom:training-job", value=released.training_job_arn),
                CfnTag(key="darkroom:dataset", value=released.dataset_id),
                CfnTag(key="darkroom:artifact-sha256", value=released.artifact_sha256),
            ],
        )
        if settings.network_isolation:
            self.model.enable_network_isolation = True
        if settings.vpc is not None:
            self.model.vpc_config = sagemaker.CfnModel.VpcConfigProperty(
                subnets=list(settings.vpc.subnet_ids),
                security_group_ids=list(settings.vpc.security_group_ids),
            )
        # Without its policy attached the role may exist and yet be denied the artifact: SageMaker
        # then fails the first endpoint with a 403 on model.tar.gz, now and then (style section 4).
        self.model.node.add_dependency(hosting)

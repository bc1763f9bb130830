"""What answers: the released model behind the endpoints that the settings switch on."""

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs
from config.release import Release
from config.settings import Settings
from stacks.parts.endpoint import CHAMPION, Endpoint, RealtimeEndpoint, ServerlessEndpoint
from stacks.parts.model import HostedModel
from stacks.parts.store import Store
from stacks.stack import EnvironmentStack


class ServingStack(EnvironmentStack):
    """The only stack that a release changes; nothing else owns or changes an endpoint."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        release: Release,
        artifacts: Store,
    ) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            description="Darkroom: the released model and its endpoints",
        )
        self._settings = settings
        champion = HostedModel(
            self,
            "Champion",
            released=release.models[CHAMPION],
            artifacts=artifacts,
            log_group=f"/aws/sagemaker/Endpoints/{settings.prefix}-*",
        )
        operator = iam.ManagedPolicy(
            self, "Operator", description="What a person needs to verify a deployment and invoke"
        )
        self._grant_describe(operator)
        for endpoint in self._endpoints(release, champion):
            endpoint.grant_describe(operator)
            endpoint.grant_invoke(operator)
        self._output(
            {
                outputs.HOSTING_ROLE_ARN: champion.hosting.role.role_arn,
                outputs.SERVING_OPERATOR_POLICY_ARN: operator.managed_policy_arn,
                outputs.MODEL_ARN: champion.model.ref,
                outputs.MODEL_NAME: champion.model.attr_model_name,
            }
        )
        self._output_provenance(release)

    def _endpoints(self, release: Release, champion: HostedModel) -> list[Endpoint]:
        endpoints: list[Endpoint] = []
        if self._settings.realtime is not None:
            realtime = RealtimeEndpoint(
                self,
                "Realtime",
                name=self._endpoint_name("realtime"),
                model=champion.model,
                weight=release.weights[CHAMPION],
                settings=self._settings.realtime,
            )
            endpoints.append(realtime)
            self._output(
                {
                    outputs.REALTIME_ENDPOINT_NAME: realtime.endpoint.attr_endpoint_name,
                    outputs.REALTIME_ENDPOINT_CONFIG_NAME: realtime.config_name,
                }
            )
        if self._settings.serverless is not None:
            serverless = ServerlessEndpoint(
                self,
                "Serverless",
                name=self._endpoint_name("serverless"),
                model=champion.model,
                settings=self._settings.serverless,
            )
            endpoints.append(serverless)
            self._output(
                {
                    outputs.SERVERLESS_ENDPOINT_NAME: serverless.endpoint.attr_endpoint_name,
                    outputs.SERVERLESS_ENDPOINT_CONFIG_NAME: serverless.config_name,
                }
            )
        return endpoints

    def _endpoint_name(self, kind: str) -> str:
        return outputs.endpoint_name(self._settings.app, self._settings.name, kind)

    def _grant_describe(self, operator: iam.ManagedPolicy) -> None:
        """See the models and configurations that an endpoint may be found to run.

        CloudFormation makes their names up, and after a rollback an endpoint runs older ones
        than this template's, so no name can be given here.
        """
        operator.add_statements(
            iam.PolicyStatement(
                actions=["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
                resources=[
                    self.format_arn(service="sagemaker", resource=resource, resource_name="*")
                    for resource in ("endpoint-config", "model")
                ],
            )
        )

    def _output_provenance(self, release: Release) -> None:
        champion = release.models[CHAMPION]
        self._output(
            {
                outputs.TRAINING_JOB_ARN: champion.training_job_arn,
                outputs.DATASET_ID: champion.dataset_id,
                outputs.ARTIFACT_SHA256: champion.artifact_sha256,
                outputs.MODEL_DATA_URL: champion.model_data_url,
                outputs.RELEASE_DIGEST: release.digest,
            }
        )

    def _output(self, values: dict[str, str]) -> None:
        for key, value in values.items():
            CfnOutput(self, key, value=value)

"""What answers: the released models behind the endpoints that the settings switch on."""

from collections.abc import Mapping

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs, prefixes
from config.release import Release
from config.roles import CHAMPION, ROLES
from config.settings import Settings
from stacks.parts.capture import data_capture
from stacks.parts.endpoint import Endpoint, RealtimeEndpoint, ServerlessEndpoint
from stacks.parts.hosting import HostingRole
from stacks.parts.model import HostedModel
from stacks.parts.sight import (
    see_contents,
    see_endpoints,
    see_health,
    see_metrics,
    see_served,
    see_stacks,
)
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
        captured: Store,
    ) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            description="Darkroom: the released models and their endpoints",
        )
        self._settings = settings
        self._release = release
        self._captured = captured
        hosting = HostingRole(self, "Hosting", settings=settings)
        operator = self._operator()
        artifacts.grant_read(hosting.role, prefixes.MODELS)
        if settings.capture is not None:
            captured.grant_write(hosting.role, prefixes.CAPTURE)
            captured.grant_read(operator, prefixes.CAPTURE)
        models = self._models(hosting)
        for endpoint in self._endpoints(models):
            endpoint.grant_invoke(operator)
        self._output(
            {
                outputs.HOSTING_ROLE_ARN: hosting.role.role_arn,
                outputs.SERVING_OPERATOR_POLICY_ARN: operator.managed_policy_arn,
                outputs.RELEASE_DIGEST: release.digest,
            }
        )
        self._output_provenance(models)

    def _operator(self) -> iam.ManagedPolicy:
        operator = iam.ManagedPolicy(
            self, "Operator", description="What a person needs to watch the endpoints and invoke"
        )
        operator.add_statements(
            see_stacks(self, self._settings),
            see_contents(self, self._settings),
            see_endpoints(self, self._settings),
            see_served(self, self._settings),
            see_health(),
            see_metrics(),
        )
        return operator

    def _models(self, hosting: HostingRole) -> Mapping[str, HostedModel]:
        """By role, in the order of the roles, so that the same release is the same template."""
        return {
            role: HostedModel(
                self,
                role.title(),
                released=self._release.models[role],
                hosting=hosting,
                settings=self._settings,
            )
            for role in ROLES
            if role in self._release.models
        }

    def _endpoints(self, models: Mapping[str, HostedModel]) -> list[Endpoint]:
        settings = self._settings
        endpoints: list[Endpoint] = []
        if settings.realtime is not None:
            realtime = RealtimeEndpoint(
                self,
                "Realtime",
                name=self._endpoint_name("realtime"),
                models={role: hosted.model for role, hosted in models.items()},
                weights=self._release.weights,
                settings=settings,
                capture=data_capture(settings.capture, self._captured)
                if settings.capture is not None
                else None,
            )
            endpoints.append(realtime)
            self._output(
                {
                    outputs.REALTIME_ENDPOINT_NAME: realtime.endpoint.attr_endpoint_name,
                    outputs.REALTIME_ENDPOINT_CONFIG_NAME: realtime.config_name,
                }
            )
        if settings.serverless is not None:
            serverless = ServerlessEndpoint(
                self,
                "Serverless",
                name=self._endpoint_name("serverless"),
                model=models[CHAMPION].model,
                settings=settings,
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

    def _output_provenance(self, models: Mapping[str, HostedModel]) -> None:
        for role, hosted in models.items():
            released = self._release.models[role]
            self._output(
                {
                    outputs.of_role(role, key): value
                    for key, value in {
                        outputs.TRAINING_JOB_ARN: released.training_job_arn,
                        outputs.DATASET_ID: released.dataset_id,
                        outputs.ARTIFACT_SHA256: released.artifact_sha256,
                        outputs.MODEL_DATA_URL: released.model_data_url,
                        outputs.MODEL_ARN: hosted.model.ref,
                        outputs.MODEL_NAME: hosted.model.attr_model_name,
                    }.items()
                }
            )

    def _output(self, values: Mapping[str, str]) -> None:
        for key, value in values.items():
            CfnOutput(self, key, value=value)

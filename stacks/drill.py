"""A throw-away endpoint on which a rollback is practised: `darkroom drill` makes and removes it."""

from dataclasses import replace
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from config import outputs, prefixes
from config.errors import ConfigurationError
from config.release import Release
from config.released_model import ReleasedModel
from config.roles import CHAMPION
from config.settings import Settings
from config.traffic import Single
from stacks.acknowledgements import Acknowledgement
from stacks.parts.endpoint import RealtimeEndpoint
from stacks.parts.hosting import HostingRole
from stacks.parts.keys import decrypt_through_s3
from stacks.parts.model import HostedModel
from stacks.stack import EnvironmentStack

DRILL: Final = "Drill"

ACKNOWLEDGEMENTS: Final = (
    Acknowledgement(
        construct=f"{DRILL}/Hosting",
        resource=r".+/(models|drill)/\*",
        reason="the role serves the sound model and the broken one, whose digest is not known "
        "when the stack is first deployed",
    ),
    Acknowledgement(
        construct=f"{DRILL}/Hosting",
        resource=r"arn:aws:kms:.+:key/\*",
        reason="the bucket's key is another app's, as the bucket is; S3 alone uses it, for objects "
        "that may be read",
    ),
    Acknowledgement(
        construct=f"{DRILL}/Hosting",
        resource=r".+:log-group:/aws/sagemaker/Endpoints/[a-z0-9-]+-\*(:\*)?",
        reason="SageMaker names the log streams of an endpoint",
    ),
    Acknowledgement(
        construct=f"{DRILL}/Hosting",
        resource=r"\*",
        reason="cloudwatch:PutMetricData, cloudwatch:DescribeAlarms and ecr:GetAuthorizationToken "
        "know no resources; the first is held to SageMaker's namespaces",
    ),
)


class DrillStack(EnvironmentStack):
    """The environment's own real-time endpoint once more: same alarms, rollout and instances.

    What is proven with it holds for the real one because it is made by the same construct from the
    same settings. Only the champion is on it, and nothing scales or captures.
    """

    def __init__(
        self, scope: Construct, id_: str = DRILL, *, settings: Settings, release: Release
    ) -> None:
        """Raises ConfigurationError for an environment without a real-time endpoint."""
        super().__init__(
            scope,
            id_,
            settings=settings,
            description="Darkroom: a throw-away endpoint for darkroom drill; safe to delete",
        )
        champion = release.models[CHAMPION]
        practice = _alone(settings)
        hosting = HostingRole(self, "Hosting", settings=practice)
        self._grant_artifacts(hosting, champion)
        if settings.customer_managed_keys:
            hosting.role.add_to_policy(decrypt_through_s3(self))
        hosted = HostedModel(
            self, CHAMPION.title(), released=champion, hosting=hosting, settings=practice
        )
        RealtimeEndpoint(
            self,
            "Realtime",
            name=outputs.endpoint_name(settings.app, settings.name, DRILL.lower()),
            models={CHAMPION: hosted.model},
            weights={CHAMPION: 1.0},
            settings=practice,
        )

    def _grant_artifacts(self, hosting: HostingRole, champion: ReleasedModel) -> None:
        """Read artifacts from where the release says they are.

        The bucket is another app's: by its name in the release file this stack can be made and
        removed without touching the environment's own.
        """
        bucket = s3.Bucket.from_bucket_name(self, "Artifacts", _bucket(champion))
        for actions, resource in (
            (["s3:GetObject"], bucket.arn_for_objects(f"{prefixes.MODELS}/*")),
            (["s3:GetObject"], bucket.arn_for_objects(f"{prefixes.DRILL}/*")),
            # Without it S3 answers AccessDenied for a missing key, which hides the cause.
            (["s3:ListBucket"], bucket.bucket_arn),
        ):
            iam.Grant.add_to_principal(
                grantee=hosting.role, actions=actions, resource_arns=[resource]
            )


def _alone(settings: Settings) -> Settings:
    """The settings without what an endpoint of one model and no users has no use for."""
    if settings.realtime is None:
        raise ConfigurationError(
            f"environment {settings.name} has no real-time endpoint (realtime=None in "
            "config/environments.py), so it has no rollout to practise; a serverless endpoint is "
            "updated without guardrails"
        )
    return replace(
        settings,
        traffic=Single(),
        capture=None,
        serverless=None,
        realtime=replace(settings.realtime, scaling=None),
    )


def _bucket(model: ReleasedModel) -> str:
    return model.model_data_url.removeprefix("s3://").partition("/")[0]

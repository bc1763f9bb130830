"""The role of a pipeline that deploys: taken on with GitHub's word for it, without a stored key."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.pipeline import AUDIENCE, PipelineSettings

ISSUER = "token.actions.githubusercontent.com"


class PipelineRole(Construct):
    """Holds one policy; its trust names repository, branch and GitHub environment word for word.

    Every claim is compared with StringEquals, which a missing claim does not satisfy. AWS STS has
    known `repository`, `repository_id` and `ref` as condition keys since January 2026 (IAM user
    guide, "Available keys for AWS OIDC federation").
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: PipelineSettings,
        environment: str,
        policy: iam.IManagedPolicy,
    ) -> None:
        super().__init__(scope, id_)
        claims = settings.claims(environment)
        self.role = iam.Role(
            self,
            "Role",
            description="Deploys the environment from GitHub Actions",
            assumed_by=iam.WebIdentityPrincipal(
                self._provider(creates=settings.creates_provider),
                {"StringEquals": {f"{ISSUER}:{name}": value for name, value in claims.items()}},
            ),
            managed_policies=[policy],
            max_session_duration=Duration.hours(1),
        )

    def _provider(self, *, creates: bool) -> str:
        """The ARN of GitHub as the account knows it: one for each account, named after its URL."""
        if not creates:
            return Stack.of(self).format_arn(
                service="iam", region="", resource="oidc-provider", resource_name=ISSUER
            )
        # IAM finds the certificate's thumbprint by itself where none is given.
        provider = iam.CfnOIDCProvider(
            self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE]
        )
        return provider.attr_arn

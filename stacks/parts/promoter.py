"""What a person or pipeline needs for `darkroom promote` into an environment, and no more."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import outputs, prefixes
from config.promotion import Promotion
from config.settings import Settings
from stacks.parts.keys import decrypt_through_s3
from stacks.parts.sight import see_stacks, witness
from stacks.parts.store import Store


class Promoter(Construct):
    """A policy of the environment that a model comes to; it deploys nothing.

    What the source made has names that CloudFormation made up, in another app of another account:
    here they are known by how they begin, and the source's own policies have the last word.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        promotion: Promotion,
        artifacts: Store,
    ) -> None:
        """Raises ValueError for an environment that models are not promoted to."""
        super().__init__(scope, id_)
        if promotion.source is None:
            raise ValueError(f"nothing is promoted to environment {settings.name}")
        self.policy = iam.ManagedPolicy(
            self, "Policy", description="What a person or pipeline needs for darkroom promote"
        )
        self.policy.add_statements(see_stacks(self, settings))
        artifacts.grant_read(self.policy, prefixes.MODELS)
        artifacts.grant_write(self.policy, prefixes.MODELS)
        artifacts.grant_resume(self.policy, prefixes.MODELS)
        self._grant_source(promotion.source, promotion.source_account)

    def _grant_source(self, source: Settings, account: str | None) -> None:
        """See what the source serves, by the witness of its account if it has another one, and
        copy from there.
        """
        if account is None:
            self.policy.add_statements(*witness(self, source))
        else:
            self.policy.add_statements(self._take_on_witness(source, account))
        self.policy.add_statements(*self._read_artifacts(source))
        if source.customer_managed_keys:
            self.policy.add_statements(
                decrypt_through_s3(self, account=account, region=source.region)
            )

    def _take_on_witness(self, source: Settings, account: str) -> iam.PolicyStatement:
        stack = outputs.stack_name(source.app, source.name, "Delivery")
        return iam.PolicyStatement(
            actions=["sts:AssumeRole"],
            resources=[
                Stack.of(self).format_arn(
                    service="iam",
                    region="",
                    account=account,
                    resource="role",
                    resource_name=f"{stack}-Witness*",
                )
            ],
        )

    def _read_artifacts(self, source: Settings) -> list[iam.PolicyStatement]:
        stack = outputs.stack_name(source.app, source.name, "Data")
        bucket = Stack.of(self).format_arn(
            service="s3", region="", account="", resource=f"{stack}-artifacts*"
        )
        return [
            iam.PolicyStatement(
                actions=["s3:GetObject"], resources=[f"{bucket}/{prefixes.MODELS}/*"]
            ),
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[bucket],
                conditions={"StringLike": {"s3:prefix": f"{prefixes.MODELS}/*"}},
            ),
        ]

"""The role under which another account sees that this environment serves what it releases."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.settings import Settings
from stacks.parts.sight import witness


class WitnessRole(Construct):
    """Taken on by who promotes a model from here; it changes nothing, and reads no artifact.

    The artifact is copied by who promotes, under the identity of the other account: S3 copies
    for one caller only, and that one has to write.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, accounts: Sequence[str]
    ) -> None:
        super().__init__(scope, id_)
        self.role = iam.Role(
            self,
            "Role",
            description="Sees whether the environment serves its release, for darkroom promote",
            # Who of an account may do so, the account's own policies decide.
            assumed_by=iam.CompositePrincipal(
                *(iam.AccountPrincipal(account) for account in accounts)
            ),
            max_session_duration=Duration.hours(1),
        )
        for statement in witness(self, settings):
            self.role.add_to_policy(statement)

"""Who does what on the journey: an engineer prepares, trains, releases; a pipeline deploys."""

from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from tests.journey import denials, roles
from tests.journey.operator import ROOT_KEYS, Operator


@dataclass(frozen=True, kw_only=True)
class People:
    """The same operator three times where nothing is enforced."""

    administrator: Operator
    engineer: Operator
    pipeline: Operator

    def may_use_the_endpoints(self) -> None:
        """The serving stack brings the permission to invoke; the administrator hands it out."""
        if not self.administrator.enforced:
            return
        outputs = self.administrator.outputs_of("serving")
        self.administrator.client("iam").attach_role_policy(
            RoleName="Engineer", PolicyArn=outputs["ServingOperatorPolicyArn"]
        )

    def may_do_no_more_than_their_work(self) -> None:
        """Neither they nor the roles that SageMaker works under (design D11)."""
        data = self.administrator.outputs_of("data")
        buckets = {
            name.lower(): data[f"{name}BucketName"] for name in ("Datasets", "Artifacts", "Capture")
        }
        people = {"Engineer": self.engineer, "Pipeline": self.pipeline}
        for role, arn in {
            "Training": self.administrator.outputs_of("training")["TrainingRoleArn"],
            "Hosting": self.administrator.outputs_of("serving")["HostingRoleArn"],
        }.items():
            for somebody in (self.engineer, self.pipeline):
                with pytest.raises(ClientError, match="AccessDenied"):
                    roles.somebody_as(somebody, arn)
            roles.open_to_people(self.administrator, arn)
            people[role] = roles.somebody_as(self.administrator, arn)
        for role, somebody in people.items():
            denials.is_denied_everything(somebody, role, buckets)


def people_of(operator: Operator) -> People:
    """The people of an environment that the operator bootstraps, with the policies it brings."""
    outputs = operator.gets_json("darkroom", "bootstrap", "--env", "local", "--yes")
    if not operator.enforced:
        return People(administrator=operator, engineer=operator, pipeline=operator)
    roles.create_role(operator, "Engineer", [outputs["TrainingOperatorPolicyArn"]])
    roles.create_role(operator, "Pipeline", [outputs["DeployPolicyArn"]])
    engineer = roles.somebody_as(operator, "Engineer")
    pipeline = roles.somebody_as(operator, "Pipeline")
    assert ROOT_KEYS["AWS_ACCESS_KEY_ID"] not in engineer.keys.values()
    return People(administrator=operator, engineer=engineer, pipeline=pipeline)

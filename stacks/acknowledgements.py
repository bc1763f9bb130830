"""Each finding of cdk-nag that we accept, with its reason."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """A finding that we accept, and why."""

    construct: str
    """Path below the environment; everything inside it is meant."""

    resource: str
    """Pattern for the whole of the resource that rule IAM5 objects to for its wildcard."""

    reason: str

    def covers(self, rule: str, path: str) -> bool:
        """Whether this accepts `rule` at the construct `path`, the environment's name first."""
        inside = path.partition("/")[2]
        finding = rf"AwsSolutions-IAM5\[Resource::{self.resource}\]"
        return f"{inside}/".startswith(f"{self.construct}/") and bool(re.fullmatch(finding, rule))


ACKNOWLEDGEMENTS: Final = (
    Acknowledgement(
        construct="Training/Jobs",
        resource=r".+/(datasets|training)/\*",
        reason="a job reads the dataset and writes the output that it is started with: "
        "one prefix each, of a bucket that holds nothing else of the kind",
    ),
    Acknowledgement(
        construct="Training/Jobs",
        resource=r".+:log-group:/aws/sagemaker/TrainingJobs:\*",
        reason="SageMaker names the log streams of a job",
    ),
    Acknowledgement(
        construct="Training/Jobs",
        resource=r"\*",
        reason="cloudwatch:PutMetricData and ecr:GetAuthorizationToken know no resources; "
        "the former is held to SageMaker's namespace",
    ),
    Acknowledgement(
        construct="Training/Operator",
        resource=r".+/(datasets|training|models)/\*",
        reason="dataset ids, job names and artifact digests are made when the operator works",
    ),
    Acknowledgement(
        construct="Training/Operator",
        resource=r".+:training-job/[a-z0-9-]+-\*",
        reason="job names are made when a job is started; all begin with the environment's prefix",
    ),
    Acknowledgement(
        construct="Training/Operator",
        resource=r".+:log-group:/aws/sagemaker/TrainingJobs:\*",
        reason="SageMaker names the log streams of a job",
    ),
    Acknowledgement(
        construct="Training/Operator",
        resource=r".+:stack/[a-z0-9-]+-\*/\*",
        reason="CloudFormation ends a stack's ARN with an id of its own making",
    ),
    Acknowledgement(
        construct="Delivery/Deployer",
        resource=r".+:role/cdk-[a-z0-9]+-\*-role-.+",
        reason="the bootstrap made one role for each job of the CLI: deploy, publish, look up",
    ),
    Acknowledgement(
        construct="Delivery/Deployer",
        resource=r".+:stack/([a-z0-9-]+-\*|CDKToolkit)/\*",
        reason="CloudFormation ends a stack's ARN with an id of its own making",
    ),
    Acknowledgement(
        construct="Delivery/Deployer",
        resource=r".+:(endpoint-config|model)/\*",
        reason="CloudFormation makes up their names; describing changes nothing",
    ),
    Acknowledgement(
        construct="Delivery/Deployer",
        resource=r".+:endpoint/[a-z0-9-]+-\*",
        reason="the environment's endpoints: asked for a sample after a deployment",
    ),
    Acknowledgement(
        construct="Delivery/Deployer",
        resource=r".+/models/\*",
        reason="released artifacts are named by digest; reading one changes nothing",
    ),
    Acknowledgement(
        construct="Delivery/Deployer",
        resource=r".+/drill/\*",
        reason="a drill's broken model is named by digest; nothing else stands there",
    ),
    Acknowledgement(
        construct="Delivery/Deployer",
        resource=r"\*",
        reason="DescribeAlarms and DescribeScalableTargets know no resources, and change nothing",
    ),
    Acknowledgement(
        construct="Delivery/Promoter",
        resource=r".+/models/\*",
        reason="artifacts are named by digest; the source's bucket, like its role, has a name that "
        "CloudFormation makes up in another app, and its own policy decides as well",
    ),
    Acknowledgement(
        construct="Delivery/Promoter",
        resource=r"arn:aws:s3:::[a-z0-9-]+-data-artifacts\*",
        reason="CloudFormation makes up the end of the bucket's name in another app; listing is "
        "held to models/, and the bucket's own policy decides as well",
    ),
    Acknowledgement(
        construct="Delivery/Promoter",
        resource=r"arn:aws:iam::\d+:role/[a-z0-9-]+-delivery-Witness\*",
        reason="CloudFormation makes up the end of the role's name in another account, whose trust "
        "policy decides as well",
    ),
    Acknowledgement(
        construct="Delivery/Promoter",
        resource=r"arn:aws:kms:.+:key/\*",
        reason="KMS makes up the id of the source's key; S3 alone uses it, for objects that may be "
        "read, and the key's own policy decides as well",
    ),
    Acknowledgement(
        construct="Delivery/Promoter",
        resource=r".+:stack/[a-z0-9-]+-\*/\*",
        reason="CloudFormation ends a stack's ARN with an id of its own making",
    ),
    Acknowledgement(
        construct="Delivery/Promoter",
        resource=r".+:(endpoint-config|model)/\*",
        reason="CloudFormation makes up their names; describing changes nothing",
    ),
    Acknowledgement(
        construct="Delivery/Witness",
        resource=r".+:stack/[a-z0-9-]+-\*/\*",
        reason="CloudFormation ends a stack's ARN with an id of its own making",
    ),
    Acknowledgement(
        construct="Delivery/Witness",
        resource=r".+:(endpoint-config|model)/\*",
        reason="CloudFormation makes up their names; describing changes nothing",
    ),
    Acknowledgement(
        construct="Serving/Hosting",
        resource=r".+/(models|capture)/\*",
        reason="released artifacts are named by digest, and during an update the role serves the "
        "old and the new one; SageMaker names captured records",
    ),
    Acknowledgement(
        construct="Serving/Hosting",
        resource=r".+:log-group:/aws/sagemaker/Endpoints/[a-z0-9-]+-\*(:\*)?",
        reason="one log group an endpoint of this environment, with streams named by SageMaker",
    ),
    Acknowledgement(
        construct="Serving/Hosting",
        resource=r"\*",
        reason="PutMetricData, held to SageMaker's namespaces, DescribeAlarms, "
        "GetAuthorizationToken and ec2's Describe actions know no resources",
    ),
    Acknowledgement(
        construct="Serving/Hosting",
        resource=r".+:(network-interface/\*|subnet/subnet-[0-9a-f]+|security-group/sg-[0-9a-f]+)",
        reason="SageMaker makes network interfaces when a model server starts; the subnets and "
        "groups are the settings', in whichever account shares them",
    ),
    Acknowledgement(
        construct="Serving/Operator",
        resource=r".+:(endpoint-config|model)/\*",
        reason="after a rollback an endpoint runs a configuration of an older template, whose "
        "name CloudFormation made up; describing changes nothing",
    ),
    Acknowledgement(
        construct="Serving/Operator",
        resource=r".+:stack/[a-z0-9-]+-\*/\*",
        reason="CloudFormation ends a stack's ARN with an id of its own making",
    ),
    Acknowledgement(
        construct="Serving/Operator",
        resource=r".+/capture/\*",
        reason="captured records stand below the names of endpoint, variant and hour",
    ),
    Acknowledgement(
        construct="Serving/Operator",
        resource=r"\*",
        reason="GetMetricData, DescribeAlarms and DescribeScalableTargets know no resources, and "
        "change nothing",
    ),
)

"""The names under which the stacks tell the CLI what they made; both sides import them.

A stack's outputs are the only thing the CLI reads of a deployment, so their keys are a contract:
`stacks` writes `CfnOutput(self, outputs.DATASETS_BUCKET, ...)`, `scripts` looks the same key up.
"""

from typing import Final

from config.roles import CHAMPION

# Data
DATASETS_BUCKET: Final = "DatasetsBucketName"
ARTIFACTS_BUCKET: Final = "ArtifactsBucketName"
CAPTURE_BUCKET: Final = "CaptureBucketName"
ACCESS_LOGS_BUCKET: Final = "AccessLogsBucketName"

# Training
TRAINING_ROLE_ARN: Final = "TrainingRoleArn"
TRAINING_OPERATOR_POLICY_ARN: Final = "TrainingOperatorPolicyArn"

# Delivery
DEPLOY_POLICY_ARN: Final = "DeployPolicyArn"
PROMOTE_POLICY_ARN: Final = "PromotePolicyArn"
PROMOTION_WITNESS_ROLE_ARN: Final = "PromotionWitnessRoleArn"
PIPELINE_ROLE_ARN: Final = "PipelineRoleArn"

# Serving
HOSTING_ROLE_ARN: Final = "HostingRoleArn"
SERVING_OPERATOR_POLICY_ARN: Final = "ServingOperatorPolicyArn"
RELEASE_DIGEST: Final = "ReleaseDigest"
REALTIME_ENDPOINT_NAME: Final = "RealtimeEndpointName"
REALTIME_ENDPOINT_CONFIG_NAME: Final = "RealtimeEndpointConfigName"
SERVERLESS_ENDPOINT_NAME: Final = "ServerlessEndpointName"
SERVERLESS_ENDPOINT_CONFIG_NAME: Final = "ServerlessEndpointConfigName"
ENDPOINT_CONFIG_NAMES: Final = {
    "realtime": REALTIME_ENDPOINT_CONFIG_NAME,
    "serverless": SERVERLESS_ENDPOINT_CONFIG_NAME,
}
"""By endpoint kind: the configuration that the stack believes its endpoint runs."""

# Serving, of each model: the champion's under these keys, others' as `of_role` says
TRAINING_JOB_ARN: Final = "TrainingJobArn"
DATASET_ID: Final = "DatasetId"
ARTIFACT_SHA256: Final = "ArtifactSha256"
MODEL_DATA_URL: Final = "ModelDataUrl"
MODEL_ARN: Final = "ModelArn"
MODEL_NAME: Final = "ModelName"

FOUNDATION: Final = ("Data", "Training", "Delivery")
"""The stacks that exist before any release does."""

STACKS: Final = (*FOUNDATION, "Serving")


def stack_name(app: str, environment: str, stack: str) -> str:
    """The CloudFormation name of one of `STACKS`, for example `darkroom-dev-serving`."""
    return f"{app}-{environment}-{stack.lower()}"


def of_role(role: str, key: str) -> str:
    """The key under which Serving says of another role what it says of the champion under `key`:
    `ModelArn` for the champion, `Challenger2ModelArn` for challenger2.
    """
    return key if role == CHAMPION else f"{role.title()}{key}"


def endpoint_name(app: str, environment: str, kind: str) -> str:
    """The name of an endpoint; `kind` is `realtime` or `serverless` (design D5)."""
    return f"{app}-{environment}-{kind}"

"""Between two environments each side is granted its part of a promotion, and nothing else."""

import json
from typing import Any

import pytest

from config import outputs
from stacks.parts.pipeline import ISSUER
from tests.stacks.assembly import Assembly, Resource
from tests.stacks.test_every_stack import listed
from tests.stacks.test_permissions import allowed

GIVER, TAKER = "111111111111", "222222222222"
TAKERS = {"AWS": f"arn:aws:iam::{TAKER}:root"}
THROUGH_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def statements(policy: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policy.properties["PolicyDocument"]["Statement"]
    return found


def to_the_taker(assembly: Assembly, bucket: str) -> list[dict[str, Any]]:
    policy = assembly.only("giving/Data", "AWS::S3::BucketPolicy", bucket)
    return [each for each in statements(policy) if each["Principal"] == TAKERS]


def test_the_taking_account_reads_released_artifacts_and_nothing_else(everything: Assembly) -> None:
    reading, listing = to_the_taker(everything, "Artifacts")
    assert reading["Action"] == "s3:GetObject"
    assert '"/models/*"' in json.dumps(reading["Resource"])
    assert listing["Action"] == "s3:ListBucket"
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "models/*"}}
    for bucket in ("AccessLogs", "Capture", "Datasets"):
        assert to_the_taker(everything, bucket) == []


def test_the_taking_account_decrypts_artifacts_through_s3_and_nothing_else(
    everything: Assembly,
) -> None:
    keys = {
        resource.logical_id[:-8]: resource.properties["KeyPolicy"]["Statement"]
        for resource in everything.resources("AWS::KMS::Key")
    }
    own, *shared = keys.pop("ArtifactsKey")
    assert own["Principal"] == {"AWS": f"arn:aws:iam::{GIVER}:root"}
    assert shared == [
        {
            "Action": "kms:Decrypt",
            "Condition": THROUGH_S3,
            "Effect": "Allow",
            "Principal": TAKERS,
            "Resource": "*",
        }
    ]
    assert keys.keys() == {"CaptureKey", "DatasetsKey"}
    assert all(len(statements) == 1 for statements in keys.values())


def test_the_witness_is_for_the_taking_account_and_only_looks_and_asks(
    everything: Assembly,
) -> None:
    role = everything.only("giving/Delivery", "AWS::IAM::Role", "Witness")
    (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    assert (trust["Principal"], trust["Action"]) == (TAKERS, "sts:AssumeRole")
    assert role.properties["MaxSessionDuration"] == 3600
    sight = allowed(everything, "giving/Delivery", "Witness")
    assert set(sight) == {
        "cloudformation:DescribeStacks",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sagemaker:InvokeEndpoint",
    }
    assert all(":endpoint/darkroom-giving-" in arn for arn in sight["sagemaker:InvokeEndpoint"])


def promoter(assembly: Assembly, environment: str) -> list[dict[str, Any]]:
    stack = f"{environment}/Delivery"
    return statements(assembly.only(stack, "AWS::IAM::ManagedPolicy", "Promoter"))


def test_a_promoter_takes_on_the_witness_and_sees_nothing_of_the_other_account_itself(
    everything: Assembly,
) -> None:
    found = allowed(everything, "taking/Delivery", "Promoter")
    (witness,) = map(json.loads, found["sts:AssumeRole"])
    assert witness == f"arn:aws:iam::{GIVER}:role/darkroom-giving-delivery-Witness*"
    assert not [action for action in found if action.startswith("sagemaker:")]
    (stacks,) = map(json.loads, found["cloudformation:DescribeStacks"])
    assert ":stack/darkroom-taking-*/*" in stacks


def test_the_promoters_pattern_is_what_cloudformation_makes_of_the_witness(
    everything: Assembly,
) -> None:
    """`<stack>-<logical id>-<random>`: the name that the pattern has to meet."""
    role = everything.only("giving/Delivery", "AWS::IAM::Role", "Witness")
    assert role.logical_id.startswith("Witness")
    bucket = everything.only("giving/Data", "AWS::S3::Bucket", "Artifacts")
    assert bucket.logical_id.lower().startswith("artifacts")
    name = outputs.stack_name("darkroom", "a" * 11, "Data")  # the longest that is accepted
    assert len(f"{name}-{bucket.logical_id}-{'x' * 13}") <= 63
    name = outputs.stack_name("darkroom", "a" * 11, "Delivery")
    assert len(f"{name}-{role.logical_id}-{'x' * 13}") <= 64


def test_a_promoter_copies_and_resumes_and_neither_deletes_nor_deploys(
    everything: Assembly,
) -> None:
    for environment in ("taking", "prod"):
        found = allowed(everything, f"{environment}/Delivery", "Promoter")
        assert {action for action in found if action.startswith("s3:")} == {
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        }
        (written,) = found["s3:PutObject"]
        assert "ImportValue" in written  # the environment's own bucket
        assert '"/models/*"' in written
        assert all("/models/*" in resource for resource in found["s3:GetObject"])
        assert not {"cloudformation:UpdateStack", "s3:DeleteObject", "iam:PassRole"} & set(found)


def test_a_promoter_decrypts_where_the_source_has_keys_of_its_own(everything: Assembly) -> None:
    (decrypting,) = (
        statement
        for statement in promoter(everything, "taking")
        if "kms:Decrypt" in listed(statement["Action"])
    )
    assert decrypting["Resource"] == f"arn:aws:kms:us-east-1:{GIVER}:key/*"
    assert decrypting["Condition"] == THROUGH_S3
    assert "kms:" not in json.dumps(promoter(everything, "prod"))


def test_within_one_account_a_promoter_sees_the_source_itself(assembly: Assembly) -> None:
    found = allowed(assembly, "prod/Delivery", "Promoter")
    assert "sts:AssumeRole" not in found
    asked = " ".join(found["sagemaker:InvokeEndpoint"])
    assert ":endpoint/darkroom-dev-realtime" in asked
    assert "darkroom-prod" not in asked
    assert "PromotionWitnessRoleArn" not in assembly.outputs("dev/Delivery")


def test_only_what_takes_part_in_a_promotion_says_so(everything: Assembly) -> None:
    said = {
        stack: {outputs.PROMOTE_POLICY_ARN, outputs.PROMOTION_WITNESS_ROLE_ARN}
        & set(everything.outputs(stack))
        for stack in everything.templates
    }
    assert {stack: keys for stack, keys in said.items() if keys} == {
        "prod/Delivery": {outputs.PROMOTE_POLICY_ARN},
        "giving/Delivery": {outputs.PROMOTION_WITNESS_ROLE_ARN},
        "taking/Delivery": {outputs.PROMOTE_POLICY_ARN},
    }


@pytest.mark.parametrize(
    ("stack", "begins", "bucket_key"),
    [
        ("giving/Training", "JobsRole", "DatasetsKey"),
        ("giving/Training", "Operator", "DatasetsKey"),
        ("giving/Training", "Operator", "ArtifactsKey"),
        ("giving/Delivery", "Deployer", "ArtifactsKey"),
        ("giving/Serving", "HostingRole", "ArtifactsKey"),
        ("giving/Serving", "HostingRole", "CaptureKey"),
        ("giving/Serving", "Operator", "CaptureKey"),
    ],
)
def test_who_reads_a_bucket_decrypts_with_its_key(
    stack: str, begins: str, bucket_key: str, everything: Assembly
) -> None:
    assert bucket_key in " ".join(allowed(everything, stack, begins)["kms:Decrypt"])


@pytest.mark.parametrize(
    ("stack", "begins", "bucket_key"),
    [
        ("giving/Training", "JobsRole", "ArtifactsKey"),
        ("giving/Training", "Operator", "DatasetsKey"),
        ("giving/Serving", "HostingRole", "CaptureKey"),
    ],
)
def test_who_writes_a_bucket_encrypts_with_its_key(
    stack: str, begins: str, bucket_key: str, everything: Assembly
) -> None:
    assert bucket_key in " ".join(allowed(everything, stack, begins)["kms:GenerateDataKey"])


def test_a_model_server_encrypts_nothing_but_what_it_captures(everything: Assembly) -> None:
    (written,) = allowed(everything, "giving/Serving", "HostingRole")["kms:GenerateDataKey"]
    assert "CaptureKey" in written


def test_a_key_is_used_through_s3_alone(everything: Assembly) -> None:
    using = [
        statement
        for policy in everything.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for statement in statements(policy)
        if any(action.startswith("kms:") for action in listed(statement["Action"]))
    ]
    assert using
    assert all(statement["Condition"] == THROUGH_S3 for statement in using)


def test_own_keys_rotate_and_outlive_their_stack(everything: Assembly) -> None:
    keys = list(everything.resources("AWS::KMS::Key"))
    assert {key.stack for key in keys} == {"giving/Data"}
    for key in keys:
        assert key.properties["EnableKeyRotation"] is True
        assert (key.body["DeletionPolicy"], key.body["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_own_keys_encrypt_every_bucket_but_the_one_of_the_access_logs(everything: Assembly) -> None:
    for bucket in everything.resources("AWS::S3::Bucket"):
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        own = bucket.stack == "giving/Data" and not bucket.logical_id.startswith("AccessLogs")
        default = rule["ServerSideEncryptionByDefault"]
        assert default["SSEAlgorithm"] == ("aws:kms" if own else "AES256")
        assert ("KMSMasterKeyID" in default, rule.get("BucketKeyEnabled", False)) == (own, own)


@pytest.mark.parametrize(
    ("environment", "claims"),
    [
        (
            "giving",
            {
                "aud": "sts.amazonaws.com",
                "sub": "repo:Photo-Lab@1234/darkroom@567890123:environment:giving",
                "repository": "Photo-Lab/darkroom",
                "repository_id": "567890123",
                "ref": "refs/heads/main",
            },
        ),
        (
            "taking",
            {
                "aud": "sts.amazonaws.com",
                "sub": "repo:Photo-Lab/darkroom:environment:production",
                "repository": "Photo-Lab/darkroom",
                "ref": "refs/heads/stable",
            },
        ),
    ],
)
def test_a_pipeline_is_known_by_repository_branch_and_environment_word_for_word(
    environment: str, claims: dict[str, str], everything: Assembly
) -> None:
    role = everything.only(f"{environment}/Delivery", "AWS::IAM::Role", "Pipeline")
    (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert list(trust["Principal"]) == ["Federated"]
    assert trust["Condition"] == {
        "StringEquals": {f"{ISSUER}:{name}": value for name, value in claims.items()}
    }


def test_a_pipeline_deploys_for_an_hour_and_may_do_nothing_else(everything: Assembly) -> None:
    for environment in ("giving", "taking"):
        role = everything.only(f"{environment}/Delivery", "AWS::IAM::Role", "Pipeline")
        deployer = everything.only(f"{environment}/Delivery", "AWS::IAM::ManagedPolicy", "Deployer")
        assert role.properties["ManagedPolicyArns"] == [{"Ref": deployer.logical_id}]
        assert "Policies" not in role.properties
        assert role.properties["MaxSessionDuration"] == 3600
        assert allowed(everything, f"{environment}/Delivery", "Pipeline") == {}


def test_github_is_registered_once_an_account(everything: Assembly) -> None:
    (provider,) = everything.resources("AWS::IAM::OIDCProvider")
    assert provider.stack == "giving/Delivery"
    assert provider.properties == {
        "ClientIdList": ["sts.amazonaws.com"],
        "Url": f"https://{ISSUER}",
    }
    role = everything.only("taking/Delivery", "AWS::IAM::Role", "Pipeline")
    (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"]["Federated"] == f"arn:aws:iam::{TAKER}:oidc-provider/{ISSUER}"

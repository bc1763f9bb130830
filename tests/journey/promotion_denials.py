"""What the promoter and the witness must not do, tried with their own keys (design D11)."""

from tests.journey import roles
from tests.journey.company import Company
from tests.journey.denials import Attempt, is_denied
from tests.journey.promotion_story import key_of

_STACK = {"StackName": "darkroom-prod-serving"}


def nobody_does_more_than_their_work(company: Company) -> None:
    """The promoter writes models and nothing else; the witness only looks."""
    promoter, witness = company.promoter, roles.somebody_as(company.promoter, company.witness)
    is_denied(promoter, "the promoter", [*_deploying("prod"), *_promoter(company.buckets)])
    is_denied(witness, "the witness", [*_deploying("dev"), *_witness(company.buckets)])
    for name, somebody in (("pipeline", company.prod_pipeline), ("promoter", promoter)):
        is_denied(somebody, f"prod's {name}", _photos_of_dev(company.buckets))
    prod = company.administrators.prod
    is_denied(prod, "prod's root", _photos_of_dev(company.buckets))
    is_denied(promoter, "the promoter", [_decrypting_by_hand(company)])


def _decrypting_by_hand(company: Company) -> Attempt:
    """A key is used by S3 for the objects that may be read, and by nobody for anything else."""
    model = company.release_of("prod").models["champion"]
    key = key_of(company.administrators.prod, model)
    kms = company.administrators.prod.client("kms")
    secret = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    return "kms", "decrypt", {"KeyId": key, "CiphertextBlob": secret}


def _deploying(environment: str) -> list[Attempt]:
    endpoint = {"EndpointName": f"darkroom-{environment}-realtime"}
    return [
        (
            "cloudformation",
            "create_change_set",
            {**_STACK, "ChangeSetName": "x", "TemplateBody": "{}"},
        ),
        ("cloudformation", "delete_stack", _STACK),
        ("sagemaker", "delete_endpoint", endpoint),
        ("sagemaker", "update_endpoint", {**endpoint, "EndpointConfigName": "another"}),
        ("iam", "create_user", {"UserName": "mallory"}),
        ("ssm", "get_parameter", {"Name": "/cdk-bootstrap/hnb659fds/version"}),
    ]


def _promoter(buckets: dict[str, dict[str, str]]) -> list[Attempt]:
    dev, prod = buckets["dev"], buckets["prod"]
    deployer = "arn:aws:iam::222222222222:role/cdk-hnb659fds-deploy-role-222222222222-us-east-1"
    return [
        ("sts", "assume_role", {"RoleArn": deployer, "RoleSessionName": "journey"}),
        ("s3", "put_object", {"Bucket": prod["artifacts"], "Key": "training/x", "Body": b""}),
        ("s3", "put_object", {"Bucket": prod["datasets"], "Key": "models/x", "Body": b""}),
        ("s3", "put_object", {"Bucket": dev["artifacts"], "Key": "models/x", "Body": b""}),
        ("s3", "delete_object", {"Bucket": prod["artifacts"], "Key": "models/x"}),
        ("s3", "get_object", {"Bucket": dev["artifacts"], "Key": "training/x"}),
        ("s3", "list_objects_v2", {"Bucket": dev["artifacts"]}),
        ("s3", "list_objects_v2", {"Bucket": prod["capture"]}),
        ("sagemaker", "describe_training_job", {"TrainingJobName": "any"}),
    ]


def _witness(buckets: dict[str, dict[str, str]]) -> list[Attempt]:
    dev = buckets["dev"]
    return [
        ("s3", "put_object", {"Bucket": dev["artifacts"], "Key": "models/x", "Body": b""}),
        ("s3", "get_object", {"Bucket": dev["artifacts"], "Key": "models/x"}),
        ("s3", "list_objects_v2", {"Bucket": dev["datasets"]}),
        ("sagemaker", "stop_training_job", {"TrainingJobName": "any"}),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "another", "Body": b"x"}),
    ]


def _photos_of_dev(buckets: dict[str, dict[str, str]]) -> list[Attempt]:
    """Of prod's people, its administrator included."""
    photos = buckets["dev"]["datasets"]
    return [
        ("s3", "list_objects_v2", {"Bucket": photos, "Prefix": "datasets/"}),
        ("s3", "get_object", {"Bucket": photos, "Key": "datasets/x"}),
        ("s3", "list_objects_v2", {"Bucket": buckets["dev"]["capture"]}),
    ]

"""Small templates, as the CDK would write them."""

from collections.abc import Mapping
from typing import Any

from scripts.deployment.assembly import SynthesizedStack

Resource = dict[str, Any]


def resource(type_: str, path: str, **more: Any) -> Resource:
    """A resource at `dev/<path>`; members such as DeletionPolicy by name."""
    return {"Type": type_, **more, "Metadata": {"aws:cdk:path": f"dev/{path}/Resource"}}


def stack(
    resources: Mapping[str, Resource],
    id_: str = "dev/Data",
    outputs: Mapping[str, Any] | None = None,
    errors: tuple[str, ...] = (),
) -> SynthesizedStack:
    return SynthesizedStack(
        id=id_,
        name=id_.replace("/", "-").lower(),
        template={"Resources": dict(resources), "Outputs": dict(outputs or {})},
        errors=errors,
    )


def bucket(path: str = "Data/Photos/Bucket", **properties: Any) -> Resource:
    """A bucket that nobody outside reaches, and that stays."""
    blocked = dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    return resource(
        "AWS::S3::Bucket",
        path,
        Properties={"PublicAccessBlockConfiguration": blocked, **properties},
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
    )


def role(principal: object, path: str = "Data/Reader", **properties: Any) -> Resource:
    """A role that `principal` may assume; `Condition` limits that."""
    condition = properties.pop("Condition", None)
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition is not None:
        statement["Condition"] = condition
    document = {"Statement": [statement]}
    return resource(
        "AWS::IAM::Role", path, Properties={"AssumeRolePolicyDocument": document, **properties}
    )


def policy(*statements: Mapping[str, Any], held_by: str = "Reader") -> Resource:
    """A policy of the role with this logical id."""
    return resource(
        "AWS::IAM::Policy",
        "Data/Policy",
        Properties={
            "PolicyDocument": {"Statement": list(statements)},
            "Roles": [{"Ref": held_by}],
        },
    )


def allow(action: object, on: object, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}

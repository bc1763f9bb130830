"""IAM enforcement of Application Auto Scaling (local/adapter/scaling_authorization.py)."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.test_authorization import denial, keys_of
from tests.local.running_cloud import (
    ACCOUNT,
    REGION,
    RunningCloud,
    allow,
    create_endpoint,
    create_role,
    put_model,
)

SERVICE = "application-autoscaling"
ANY_TARGET = f"arn:aws:{SERVICE}:{REGION}:{ACCOUNT}:scalable-target/*"
PASSED = {"StringEquals": {"iam:PassedToService": "application-autoscaling.amazonaws.com"}}
FOR_SAGEMAKER = {
    "StringEquals": {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}
}
LINKED = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"


@pytest.fixture(scope="module")
def named(enforced: RunningCloud) -> dict[str, str]:
    """A variant that serves, as requests name it."""
    name = f"scaled-{uuid.uuid4().hex[:8]}"
    role = create_role(enforced, name, None, allow("s3:GetObject"))
    create_endpoint(enforced, name, role, put_model(enforced, "scaling-iam", "answer"))
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


@pytest.fixture(autouse=True)
def unregistered(enforced: RunningCloud, named: dict[str, str]) -> Iterator[None]:
    """Each test begins with nothing registered, and without the service's role."""
    yield
    with contextlib.suppress(ClientError):
        enforced.client(SERVICE).deregister_scalable_target(**named)
    with contextlib.suppress(ClientError):
        enforced.client("iam").delete_role(RoleName=LINKED)


def caller(cloud: RunningCloud, *statements: dict[str, Any]) -> Any:
    return cloud.client(SERVICE, keys_of(cloud, *statements))


def test_registering_takes_its_action_and_at_first_the_service_linked_role(
    enforced: RunningCloud, named: dict[str, str]
) -> None:
    bounds = {**named, "MinCapacity": 1, "MaxCapacity": 2}
    reader = caller(enforced, allow(f"{SERVICE}:Describe*"))
    assert f"perform: {SERVICE}:RegisterScalableTarget on resource: {ANY_TARGET}" in denial(
        reader.register_scalable_target, **bounds
    )
    assert reader.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []

    grant = allow(f"{SERVICE}:RegisterScalableTarget", ANY_TARGET)
    without_role = caller(enforced, grant)
    assert "iam:CreateServiceLinkedRole" in denial(without_role.register_scalable_target, **bounds)
    linked = allow("iam:CreateServiceLinkedRole", "*", Condition=FOR_SAGEMAKER)
    registered = caller(enforced, grant, linked).register_scalable_target(**bounds)
    role = enforced.client("iam").get_role(RoleName=LINKED)["Role"]
    assert role["Path"].startswith("/aws-service-role/")
    # The role is there now: nobody needs to make it.
    assert (
        without_role.register_scalable_target(**bounds)["ScalableTargetARN"]
        == (registered["ScalableTargetARN"])
    )

    elsewhere = caller(enforced, allow(f"{SERVICE}:PutScalingPolicy", ANY_TARGET[:-1] + "other"))
    assert registered["ScalableTargetARN"] in denial(
        elsewhere.put_scaling_policy, **named, PolicyName="p"
    )


def test_a_role_that_is_handed_over_must_be_passed(
    enforced: RunningCloud, named: dict[str, str]
) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/scaler"
    request = {**named, "MinCapacity": 1, "MaxCapacity": 2, "RoleARN": role}
    grants = [allow(f"{SERVICE}:*"), allow("iam:CreateServiceLinkedRole")]
    assert "iam:PassRole" in denial(caller(enforced, *grants).register_scalable_target, **request)
    passing = allow("iam:PassRole", role, Condition=PASSED)
    assert caller(enforced, *grants, passing).register_scalable_target(**request)


def test_a_request_is_checked_for_the_operation_that_it_runs(
    enforced: RunningCloud, named: dict[str, str]
) -> None:
    client = caller(enforced, allow(f"{SERVICE}:DescribeScalableTargets"))

    def disguise(request: Any, **_: Any) -> None:
        request.url += "?Action=DescribeScalableTargets"

    client.meta.events.register("before-sign.*", disguise)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.deregister_scalable_target(**named)

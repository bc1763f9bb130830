"""boto3 and raw HTTP against both of SageMaker's protocols (local/adapter/control_plane.py,
runtime.py)."""

import http.client
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.local.running_cloud import (
    ACCOUNT,
    REGION,
    RunningCloud,
    allow,
    create_endpoint,
    create_role,
    put_model,
)


@pytest.fixture(scope="module")
def endpoint(cloud: RunningCloud) -> Iterator[str]:
    name = f"protocol-{uuid.uuid4().hex[:8]}"
    role = create_role(cloud, name, None, allow("s3:GetObject"))
    create_endpoint(cloud, name, role, put_model(cloud, "protocol-models", "answer"))
    yield name
    cloud.client("sagemaker").delete_endpoint(EndpointName=name)


def raw(
    cloud: RunningCloud, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """A signed request outside of any SDK."""
    request = AWSRequest("POST", f"http://127.0.0.1:{cloud.port}{path}", headers=headers, data=body)
    SigV4Auth(Credentials("test", "test"), "sagemaker", REGION).add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=30)
    try:
        connection.request("POST", path, body, dict(request.headers.items()))
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def target(operation: str) -> dict[str, str]:
    return {"X-Amz-Target": f"SageMaker.{operation}", "Content-Type": "application/x-amz-json-1.1"}


def error(call: Any, **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return dict(caught.value.response)


def test_a_control_plane_answer_is_json_1_1(cloud: RunningCloud) -> None:
    status, headers, body = raw(cloud, "/", b"{}", target("ListEndpoints"))
    assert (status, headers["content-type"]) == (200, "application/x-amz-json-1.1")
    assert "Endpoints" in json.loads(body)


def test_an_operation_the_local_cloud_has_not_is_refused_by_name(cloud: RunningCloud) -> None:
    answer = error(cloud.client("sagemaker").list_notebook_instances)
    assert answer["Error"]["Code"] == "UnknownOperationException"
    assert (
        "ListNotebookInstances is not implemented by the local cloud" in answer["Error"]["Message"]
    )


def test_a_body_that_is_no_json_object_is_a_serialization_exception(cloud: RunningCloud) -> None:
    for body in (b"{", b"[]", b"\xff"):
        status, headers, _ = raw(cloud, "/", body, target("ListModels"))
        assert (status, headers["x-amzn-errortype"]) == (400, "SerializationException")


def test_a_describe_of_nothing_names_the_arn_of_the_callers_account_and_region(
    cloud: RunningCloud,
) -> None:
    answer = error(cloud.client("sagemaker").describe_endpoint, EndpointName="nobody")
    assert answer["Error"]["Code"] == "ValidationException"
    assert f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/nobody" in answer["Error"]["Message"]
    other = cloud.client("sagemaker", {"AccessKeyId": "123456789012", "SecretAccessKey": "test"})
    assert (
        "123456789012" in error(other.describe_endpoint, EndpointName="nobody")["Error"]["Message"]
    )


def test_accounts_do_not_see_each_others_endpoints(cloud: RunningCloud, endpoint: str) -> None:
    other = cloud.client("sagemaker", {"AccessKeyId": "123456789012", "SecretAccessKey": "test"})
    assert other.list_endpoints(NameContains=endpoint)["Endpoints"] == []
    assert cloud.client("sagemaker").list_endpoints(NameContains=endpoint)["Endpoints"] != []


def test_an_answer_keeps_its_content_type_and_names_the_variant(
    cloud: RunningCloud, endpoint: str
) -> None:
    answer = cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, Body=b"\x00\xff", ContentType="application/x-image"
    )
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["Body"].read() == b"answer"


def test_a_model_error_carries_the_models_own_answer(cloud: RunningCloud, endpoint: str) -> None:
    answer = error(
        cloud.client("sagemaker-runtime").invoke_endpoint, EndpointName=endpoint, Body=b"fail"
    )
    assert answer["Error"]["Code"] == "ModelError"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert answer["OriginalStatusCode"] == 500
    assert answer["OriginalMessage"] == "the model broke"
    assert answer["LogStreamArn"].startswith("arn:aws:logs:")


def test_an_unknown_endpoint_is_a_validation_error_of_the_runtime(cloud: RunningCloud) -> None:
    answer = error(
        cloud.client("sagemaker-runtime").invoke_endpoint, EndpointName="nobody", Body=b"x"
    )
    assert answer["Error"]["Code"] == "ValidationError"
    assert answer["Error"]["Message"] == f"Endpoint nobody of account {ACCOUNT} not found."


@pytest.mark.parametrize(
    "parameters",
    [
        {"TargetModel": "a.tar.gz"},
        {"InferenceComponentName": "c"},
        {"SessionId": "NEW_SESSION"},
        {"EnableExplanations": "x"},
        {"TargetContainerHostname": "h"},
    ],
)
def test_what_the_runtime_does_not_honour_is_refused_by_name(
    cloud: RunningCloud, endpoint: str, parameters: dict[str, str]
) -> None:
    answer = error(
        cloud.client("sagemaker-runtime").invoke_endpoint,
        EndpointName=endpoint,
        Body=b"x",
        **parameters,
    )
    assert f"{next(iter(parameters))} is not supported" in answer["Error"]["Message"]


def test_asynchronous_invocation_is_refused_by_name(cloud: RunningCloud, endpoint: str) -> None:
    answer = error(
        cloud.client("sagemaker-runtime").invoke_endpoint_async,
        EndpointName=endpoint,
        InputLocation="s3://bucket/key",
    )
    assert "InvokeEndpointAsync is not supported" in answer["Error"]["Message"]

"""The emulator's own control paths while IAM is enforced (local/adapter/control_endpoints.py)."""

import http.client

import pytest

from tests.local.running_cloud import RunningCloud


def status(cloud: RunningCloud, method: str, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=10)
    try:
        connection.request(method, path, b"{}" if method == "POST" else None)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/ses/messages"),
        ("GET", "/_ministack/sqs/messages"),
        ("GET", "/_ministack/lambda-code/f"),
        ("GET", "/_localstack/init"),
    ],
)
def test_a_control_endpoint_is_closed_while_iam_is_enforced(
    enforced: RunningCloud, method: str, path: str
) -> None:
    assert status(enforced, method, path) == 403


def test_health_is_open(enforced: RunningCloud) -> None:
    assert status(enforced, "GET", "/_ministack/health") == 200

"""No web page may talk to the loopback port (local/adapter/browser_guard.py)."""

import http.client

import pytest

from local.adapter.browser_guard import refusal
from tests.local.running_cloud import RunningCloud


def status(cloud: RunningCloud, method: str, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=10)
    try:
        connection.request(method, path, b"{}" if method == "POST" else None, headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Content-Type": "text/plain"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "evil.example:4566"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "evillocalhost"},
        {"Host": ""},
    ],
)
def test_a_cross_site_post_or_a_foreign_host_is_refused(
    cloud: RunningCloud, headers: dict[str, str]
) -> None:
    for path in ("/", "/_ministack/reset", "/2015-03-31/functions", "/endpoints/a/invocations"):
        assert status(cloud, "POST", path, headers) == 403


def test_the_refused_reset_reset_nothing(cloud: RunningCloud) -> None:
    cloud.client("s3").create_bucket(Bucket="outlives-the-page")
    assert status(cloud, "POST", "/_ministack/reset", {"Origin": "https://evil.example"}) == 403
    cloud.client("s3").head_bucket(Bucket="outlives-the-page")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:4566",
        "localhost",
        "LOCALHOST:1",
        "[::1]:4566",
        "[::1]",
        "bucket.s3.us-east-1.amazonaws.com",
        "abc.execute-api.localhost:4566",
    ],
)
def test_the_cloud_answers_under_its_own_names(host: str) -> None:
    assert refusal([(b"Host", host.encode())]) is None


def test_a_page_of_the_cloud_itself_may_call_it() -> None:
    own = [(b"host", b"localhost:4566"), (b"origin", b"http://localhost:4566")]
    assert refusal([*own, (b"sec-fetch-site", b"same-origin")]) is None


def test_a_websocket_of_a_web_page_is_closed(cloud: RunningCloud) -> None:
    headers = {
        "Origin": "https://evil.example",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert status(cloud, "GET", "/_aws/execute-api/abc/stage", headers) == 403

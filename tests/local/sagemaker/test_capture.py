"""Data capture: records in S3, in the layout and form of AWS's (facts sheet C.7)."""

import base64
import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest

from local.sagemaker import captures
from local.sagemaker.capture_record import Captured, line, object_uri
from local.sagemaker.images import Images
from local.sagemaker.platform import Platform
from local.sagemaker.records import Capture, Endpoint, Variant
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.conftest import QUICK, Start
from tests.local.sagemaker.emulator import ROLE, SCOPE, FakeCloud, client
from tests.local.sagemaker.invoking import ask, describe, gone, refusal
from tests.local.sagemaker.requests import (
    capture_config,
    config_request,
    deploy,
    instance_variant,
    model_request,
    until,
)

PHOTO = b"\x89PNG\r\n\x1a\n\x00\xff"
WHEN = 1_577_840_399.25  # 2020-01-01 00:59:59.25 UTC
FIRST_DELIVERY = replace(QUICK, capture_flush_seconds=0.2)
ONLY_AT_THE_END = replace(QUICK, capture_flush_seconds=600)


def capturing(
    sagemaker: SageMaker, bucket: str, endpoint: str = "kept", **changes: Any
) -> dict[str, Any]:
    """The description of an endpoint that captures."""
    sagemaker.call(SCOPE, "CreateModel", model_request("model", None))
    config = capture_config(bucket, **changes)
    return deploy(
        sagemaker, endpoint, instance_variant("champion", "model"), DataCaptureConfig=config
    )


def objects(s3: Any, bucket: str) -> dict[str, list[dict[str, Any]]]:
    """The records by their objects' keys."""
    found = {}
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix="capture/").get("Contents", ()):
        body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        found[entry["Key"]] = [json.loads(text) for text in body.splitlines()]
    return found


def records(s3: Any, bucket: str) -> list[dict[str, Any]]:
    return [record for each in objects(s3, bucket).values() for record in each]


def plain_capture(**changes: Any) -> Capture:
    given: dict[str, Any] = {
        "enabled": True,
        "sampled_percent": 100,
        "destination": "s3://bucket/capture",
        "input": True,
        "output": True,
        "json_content_types": ["application/json"],
        "csv_content_types": ["text/csv"],
    }
    return Capture(**(given | changes))


def captured(**changes: Any) -> Captured:
    given: dict[str, Any] = {
        "event_id": "event",
        "inference_id": None,
        "when": WHEN,
        "request_type": "image/png",
        "request": PHOTO,
        "response_type": "application/json; charset=utf-8",
        "response": b'{"p": [0.1, 0.9], "name": "caf\xc3\xa9"}',
    }
    return Captured(**(given | changes))


def test_a_record_has_the_form_of_awss() -> None:
    text = line(captured(), plain_capture())
    assert text.endswith(b"}\n")
    assert text.count(b"\n") == 1
    assert json.loads(text) == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "image/png",
                "mode": "INPUT",
                "data": base64.b64encode(PHOTO).decode(),
                "encoding": "BASE64",
            },
            "endpointOutput": {
                "observedContentType": "application/json; charset=utf-8",
                "mode": "OUTPUT",
                "data": '{"p": [0.1, 0.9], "name": "café"}',
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"eventId": "event", "inferenceTime": "2020-01-01T00:59:59Z"},
        "eventVersion": "0",
    }


@pytest.mark.parametrize(
    ("content_type", "body", "encoding"),
    [
        ("text/csv", b"1,2", "CSV"),
        ("TEXT/CSV;header=present", b"1,2", "CSV"),
        ("application/json", b"{}", "JSON"),
        ("application/json", b"\xff\xfe", "BASE64"),  # it is not what its type says
        ("application/jsonlines", b"{}", "BASE64"),
        (None, b"{}", "BASE64"),
    ],
)
def test_only_listed_types_are_kept_as_text(
    content_type: str | None, body: bytes, encoding: str
) -> None:
    record = json.loads(line(captured(request_type=content_type, request=body), plain_capture()))
    given = record["captureData"]["endpointInput"]
    assert given["encoding"] == encoding
    data = given["data"].encode()
    assert (base64.b64decode(data) if encoding == "BASE64" else data) == body


def test_only_the_sides_that_are_asked_for_are_kept() -> None:
    for side, other in (("Input", "output"), ("Output", "input")):
        record = json.loads(line(captured(), plain_capture(**{other: False})))
        assert record["captureData"].keys() == {f"endpoint{side}"}


def test_objects_lie_in_the_folder_of_their_hour() -> None:
    uri = str(object_uri(plain_capture(), "endpoint", "variant", WHEN))
    folder = "s3://bucket/capture/endpoint/variant/2020/01/01/00/"
    assert re.fullmatch(re.escape(folder) + r"59-59-250-[0-9a-f-]{36}\.jsonl", uri)


def test_every_answered_request_is_in_s3_within_seconds(start: Start, s3: Any, bucket: str) -> None:
    sagemaker = start(FIRST_DELIVERY)
    description = capturing(sagemaker, bucket)
    assert description["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/capture",
        "KmsKeyId": "",
    }
    answer = ask(sagemaker, "kept", PHOTO, content_type="image/png", inference_id="request-1")
    refusal(sagemaker, "kept", b"status:400")  # there is no answer to keep
    for number in range(9):
        ask(sagemaker, "kept", b"photo %d" % number)
    until(lambda: len(records(s3, bucket)) == 10)
    form = r"capture/kept/champion/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl"
    assert all(re.fullmatch(form, key) for key in objects(s3, bucket))
    (first,) = [each for each in records(s3, bucket) if "inferenceId" in each["eventMetadata"]]
    assert first["eventMetadata"]["inferenceId"] == "request-1"
    assert first["captureData"]["endpointInput"]["data"] == base64.b64encode(PHOTO).decode()
    assert first["captureData"]["endpointOutput"]["data"] == answer.body.decode()
    ids = {each["eventMetadata"]["eventId"] for each in records(s3, bucket)}
    assert len(ids) == 10


def test_what_waits_is_written_when_the_endpoint_is_deleted_or_the_cloud_ends(
    start: Start, s3: Any, bucket: str
) -> None:
    sagemaker = start(ONLY_AT_THE_END)
    capturing(sagemaker, bucket)
    ask(sagemaker, "kept")
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": "kept"})
    until(lambda: gone(sagemaker, "kept"))
    assert len(records(s3, bucket)) == 1

    request = {"EndpointName": "kept", "EndpointConfigName": "kept-config"}
    sagemaker.call(SCOPE, "CreateEndpoint", request)
    sagemaker.wait_until_settled(SCOPE, "kept")
    ask(sagemaker, "kept")
    sagemaker.shutdown()
    assert len(records(s3, bucket)) == 2


def test_an_update_can_turn_capture_off(start: Start, s3: Any, bucket: str) -> None:
    sagemaker = start(FIRST_DELIVERY)
    capturing(sagemaker, bucket)
    ask(sagemaker, "kept", b"before")
    config = config_request("off", instance_variant("champion", "model"))
    config["DataCaptureConfig"] = capture_config(bucket, EnableCapture=False)
    sagemaker.call(SCOPE, "CreateEndpointConfig", config)
    update = {"EndpointName": "kept", "EndpointConfigName": "off"}
    sagemaker.call(SCOPE, "UpdateEndpoint", update)
    sagemaker.wait_until_settled(SCOPE, "kept")
    assert describe(sagemaker, "kept")["DataCaptureConfig"]["CaptureStatus"] == "Stopped"
    ask(sagemaker, "kept", b"after")
    sagemaker.shutdown()
    (record,) = records(s3, bucket)
    assert record["captureData"]["endpointInput"]["data"] == base64.b64encode(b"before").decode()


def test_what_cannot_be_written_harms_no_answer_and_is_said_in_the_endpoints_log(
    start: Start, bucket: str, emulator_url: str
) -> None:
    sagemaker = start(FIRST_DELIVERY)
    destination = "s3://no-such-bucket-anywhere/capture"
    capturing(sagemaker, bucket, "unkept", DestinationS3Uri=destination)
    logs = client("logs", emulator_url)
    names = {
        "logGroupName": "/aws/sagemaker/Endpoints/unkept",
        "logStreamName": "champion/data-capture",
    }

    def said() -> list[str]:
        try:
            events = logs.get_log_events(**names)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    assert ask(sagemaker, "unkept").status == 200
    until(lambda: bool(said()))
    assert ask(sagemaker, "unkept").status == 200
    sagemaker.call(SCOPE, "DeleteEndpoint", {"EndpointName": "unkept"})
    until(lambda: gone(sagemaker, "unkept"))
    (message,) = said()  # the same trouble is not said again
    assert "captured requests were not written: " in message
    assert "s3:PutObject on s3://no-such-bucket-anywhere/capture/unkept/champion/" in message


def test_while_two_deployments_share_the_requests_each_ones_records_are_bounded(
    cloud: FakeCloud, images: Images, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captures, "WAITING_BYTES", 5000)
    platform = Platform(cloud=cloud, images=images, timings=ONLY_AT_THE_END, clock=time.time)
    taken = captures.Captures(platform)
    endpoint, variant = any_endpoint(), any_variant()
    destinations = [f"s3://{bucket}/capture/{name}" for name in ("old", "new")]
    for number in range(20):
        capture = plain_capture(destination=destinations[number % 2])
        taken.offer(endpoint, variant, capture, captured(request=bytes(2000), when=time.time()))
    taken.shutdown()
    found = objects(s3, bucket)
    by_deployment = [
        sum(len(found[key]) for key in found if f"/{name}/" in key) for name in ("old", "new")
    ]
    assert by_deployment == [2, 2]


def any_endpoint() -> Endpoint:
    return Endpoint(
        account=SCOPE.account,
        region=SCOPE.region,
        name="e",
        created=WHEN,
        modified=WHEN,
        request={},
        status="Updating",
    )


def any_variant() -> Variant:
    return Variant(
        name="champion",
        model_name="m",
        image="i",
        model_data_url=None,
        role_arn=ROLE,
        environment={},
        instance_type="ml.m5.large",
        instance_count=1,
        desired_instance_count=1,
        weight=1,
        desired_weight=1,
        serverless=None,
        routing_strategy="RANDOM",
        ping_timeout_seconds=1,
        download_timeout_seconds=1,
        resolved=WHEN,
    )


def test_records_that_would_fill_the_memory_are_dropped_and_counted(
    start: Start,
    s3: Any,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(captures, "WAITING_BYTES", 5000)
    sagemaker = start(ONLY_AT_THE_END)
    capturing(sagemaker, bucket)
    for _ in range(4):
        assert ask(sagemaker, "kept", bytes(2000)).status == 200
    sagemaker.shutdown()
    kept = len(records(s3, bucket))
    assert 0 < kept < 4
    assert f"{4 - kept} captured requests were dropped" in caplog.text

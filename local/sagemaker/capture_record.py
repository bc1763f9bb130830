"""A captured request as a line of JSON, and where such lines are kept (facts sheet C.7)."""

import base64
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from local.instance.s3 import ObjectUri
from local.sagemaker.exchange import DEFAULT_TYPE
from local.sagemaker.records import Capture

EVENT_VERSION = "0"


@dataclass(frozen=True, kw_only=True)
class Captured:
    """A request and its answer. A shadow's has the event id of the production variant's."""

    event_id: str
    inference_id: str | None
    when: float
    request_type: str | None
    request: bytes
    response_type: str
    response: bytes

    @property
    def size(self) -> int:
        return len(self.request) + len(self.response)


def line(captured: Captured, capture: Capture) -> bytes:
    """The record as one line of a .jsonl file."""
    data = {}
    if capture.input:
        data["endpointInput"] = _side(
            "INPUT", captured.request_type or DEFAULT_TYPE, captured.request, capture
        )
    if capture.output:
        data["endpointOutput"] = _side("OUTPUT", captured.response_type, captured.response, capture)
    event = {"eventId": captured.event_id}
    if captured.inference_id is not None:
        event["inferenceId"] = captured.inference_id
    event["inferenceTime"] = _utc(captured.when).strftime("%Y-%m-%dT%H:%M:%SZ")
    record = {"captureData": data, "eventMetadata": event, "eventVersion": EVENT_VERSION}
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def object_uri(capture: Capture, endpoint_name: str, variant_name: str, when: float) -> ObjectUri:
    """A new object in the folder of the hour (UTC) of `when`; names sort by time within it."""
    moment = _utc(when)
    name = f"{moment:%M-%S}-{moment.microsecond // 1000:03}-{uuid.uuid4()}.jsonl"
    folder = f"{endpoint_name}/{variant_name}/{moment:%Y/%m/%d/%H}"
    return ObjectUri.parse(capture.destination).child(f"{folder}/{name}")


def hour(captured: Captured) -> int:
    """Which hour's folder it belongs to."""
    return int(captured.when // 3600)


def encoding(content_type: str, capture: Capture) -> str:
    """JSON or CSV for the types the configuration lists, BASE64 for all others."""
    media_type = _media_type(content_type)
    for name, listed in (("JSON", capture.json_content_types), ("CSV", capture.csv_content_types)):
        if media_type in _media_types(listed):
            return name
    return "BASE64"


def _side(mode: str, content_type: str, body: bytes, capture: Capture) -> dict[str, str]:
    kind, text = encoding(content_type, capture), ""
    if kind != "BASE64":
        try:
            text = body.decode()
        except UnicodeDecodeError:  # not what its type says; nothing of it may be lost
            kind = "BASE64"
    return {
        "observedContentType": content_type,
        "mode": mode,
        "data": base64.b64encode(body).decode() if kind == "BASE64" else text,
        "encoding": kind,
    }


def _media_types(listed: Iterable[str]) -> set[str]:
    return {_media_type(each) for each in listed}


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _utc(when: float) -> datetime:
    return datetime.fromtimestamp(when, UTC)

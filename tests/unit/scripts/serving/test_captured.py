"""Captured records, as SageMaker writes them (facts C.7) and as nobody should."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.prefixes import CAPTURE
from scripts.bucket import Bucket
from scripts.serving.captured import CaptureFolder, Unreadable, hours, read_answer
from scripts.serving.shadowing import compare
from scripts.session import Session
from tests.unit.scripts.stock_cloud import session_to, stock_cloud

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
EARLIER = datetime(2026, 3, 1, 10, 59, 59, tzinfo=UTC)


def record(
    answer: object = (0.1, 0.9),
    *,
    event: str = "event-1",
    inference: str | None = None,
    when: datetime = NOW,
    encoding: str = "JSON",
) -> dict[str, Any]:
    text = json.dumps(answer)
    if encoding == "BASE64":
        text = base64.b64encode(text.encode()).decode()
    photo = {"observedContentType": "image/png", "mode": "INPUT", "data": "iVBORw0K"}
    return {
        "captureData": {
            "endpointInput": {**photo, "encoding": "BASE64"},
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": text,
                "encoding": encoding,
            },
        },
        "eventMetadata": {
            "eventId": event,
            **({} if inference is None else {"inferenceId": inference}),
            "inferenceTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "eventVersion": "0",
    }


def line(*positional: object, **named: Any) -> bytes:
    return json.dumps(record(*positional, **named)).encode()


@pytest.mark.parametrize("encoding", ["JSON", "BASE64"])
def test_the_most_likely_class_is_read_from_either_encoding(encoding: str) -> None:
    found = read_answer(line([0.2, 0.5, 0.3], encoding=encoding), 3)
    assert found.answer == (1, 0.5)
    assert found.when == NOW


def test_a_request_is_named_by_its_inference_id_and_otherwise_by_its_event_id() -> None:
    named = read_answer(line(event="a", inference="photo-1"), 2).request
    assert named == read_answer(line(event="b", inference="photo-1"), 2).request
    assert named != read_answer(line(event="a"), 2).request
    assert read_answer(line(event="a"), 2).request == read_answer(line(event="a"), 2).request


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"captureData": {}}',
        line([0.1, 0.2, 0.7]),
        line({"error": "no image"}),
        line(None),
        line(["a", "b"]),
        line()[:-40],
        line().replace(b"Z", b""),
        line().replace(b"JSON", b"BASE64"),
    ],
    ids=lambda content: content[-20:].decode(),
)
def test_a_line_that_is_no_answer_for_every_class_is_unreadable(broken: bytes) -> None:
    with pytest.raises(Unreadable):
        read_answer(broken, 2)


def test_every_hour_that_a_window_touches_has_a_folder() -> None:
    assert [f"{hour:%d %H:%M}" for hour in hours(EARLIER, NOW)] == [
        "01 10:00",
        "01 11:00",
        "01 12:00",
    ]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        opened = session_to(url)
        opened.client("s3").create_bucket(Bucket="captured")
        yield opened


def test_records_in_s3_are_compared_across_objects_and_hours(session: Session) -> None:
    def put(variant: str, name: str, *lines: bytes) -> None:
        key = f"{CAPTURE}/endpoint/{variant}/{name}.jsonl"
        session.client("s3").put_object(Bucket="captured", Key=key, Body=b"\n".join(lines) + b"\n")

    photo = "A" * 3_000_000  # a line that comes in several chunks
    large = record(event="large")
    large["captureData"]["endpointInput"]["data"] = photo
    put("champion", "2026/03/01/10/59-59-1", line(event="late", when=EARLIER))
    put("shadow", "2026/03/01/11/00-00-1", line([0.8, 0.2], event="late", when=EARLIER))
    put("champion", "2026/03/01/12/29-00-1", json.dumps(large).encode(), line(event="a"))
    put("champion", "2026/03/01/12/30-00-1", line(event="b"), b"half a rec")
    put("shadow", "2026/03/01/12/30-00-1", line(event="b"), line(event="large"), line(event="a"))
    put("shadow", "2026/03/01/12/30-01-1", line(event="nobody's"))
    put("shadow", "2026/03/01/09/00-00-1", line(event="a"))  # before the window
    put("other", "2026/03/01/12/00-00-1", line(event="nobody's"))
    folder = CaptureFolder(bucket=Bucket(session, "captured"), endpoint_name="endpoint")
    found = compare(folder, 2, NOW - timedelta(hours=2), NOW + timedelta(minutes=1))
    assert dict(found.comparison.cells) == {(1, 1): 3, (1, 0): 1}
    assert (found.unpaired_champion, found.unpaired_shadow) == (0, 1)
    assert found.unreadable == 1


def test_a_line_beyond_the_limit_is_cut_and_the_next_one_whole(session: Session) -> None:
    content = b"x" * 5_000_000 + b"\nshort\n\nlast"
    session.client("s3").put_object(Bucket="captured", Key="lines", Body=content)
    found = list(Bucket(session, "captured").lines("lines", 1000))
    assert found == [b"x" * 1000, b"short", b"", b"last"]
    assert list(Bucket(session, "captured").lines("gone", 1000)) == []

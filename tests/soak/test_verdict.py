"""The soak finds what it looks for: it would be worthless if nothing could fail it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config

from benchmarks.soak.disturbance import calm
from benchmarks.soak.layout import SPLIT
from benchmarks.soak.outcome import Answered, Failed, Lost, MixedUp, Outcome, ask, judge
from benchmarks.soak.scenario import Result, Scenario
from benchmarks.soak.tally import Tally

ECHOED = {"request": "7.1", "size": 30, "model": "champion-0"}
THROTTLED = b"HTTP/1.1 400 Bad Request\r\nx-amzn-ErrorType: %s\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The URL of a server that answers one request with these bytes and hangs up."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.join()


def asked(url: str) -> Outcome:
    config = Config(retries={"total_max_attempts": 1}, proxies={})
    session = boto3.Session("test", "test", region_name="us-east-1")
    runtime = session.client("sagemaker-runtime", endpoint_url=url, config=config)
    return ask(runtime, "endpoint", "7.1", b"7.1 ")


def result(*outcomes: Outcome) -> Result:
    tally = Tally()
    for outcome in outcomes:
        tally.count(outcome, 0.01)
    errors = frozenset({"ModelError"})
    scenario = Scenario(what="split", layout=SPLIT, disturb=calm, errors=errors)
    return Result(scenario=scenario, tally=tally, disturbances=0, seconds=1)


def test_an_echo_is_an_answer_only_to_its_own_request() -> None:
    assert judge(ECHOED, "7.1", 30, "champion") == Answered("champion-0")
    assert isinstance(judge(ECHOED, "7.2", 30, "champion"), MixedUp)
    assert isinstance(judge(ECHOED, "7.1", 31, "champion"), MixedUp)
    assert isinstance(judge(ECHOED, "7.1", 30, "challenger"), MixedUp)


def test_a_connection_that_closes_without_an_answer_loses_the_request() -> None:
    with answering(b"") as url:
        outcome = asked(url)
    assert isinstance(outcome, Lost)
    assert outcome.how.startswith("ConnectionClosedError")


@pytest.mark.parametrize(
    ("code", "expected"), [("ThrottlingException", Failed), ("SlowDown", Lost)]
)
def test_only_documented_errors_count_as_failures(code: str, expected: type[Outcome]) -> None:
    with answering(THROTTLED % code.encode()) as url:
        assert isinstance(asked(url), expected)


def test_whatever_was_not_expected_is_a_fault() -> None:
    answers = [Answered("champion-0"), Answered("challenger-0")]
    assert result(*answers, Failed("ModelError")).faults == []
    assert result(*answers, Failed("InternalFailure")).faults == [
        "1 requests failed with InternalFailure"
    ]
    assert result(*answers, Lost("how"), MixedUp("so")).faults == ["lost: how", "mixed up: so"]
    assert result(answers[0]).faults == ["challenger-0 never answered"]
    assert result(*answers, Answered("champion-1")).faults == ["champion-1 answered"]

"""A training job's log in a real CloudWatch Logs."""

from collections.abc import Iterator
from dataclasses import replace
from time import time
from typing import Any

import pytest

from algorithm.contract.metrics import ValidationAccuracy
from config.environments import LOCAL
from scripts.session import Session, open_session
from scripts.training.history import TrainingHistory
from scripts.training.log import LOG_GROUP, TrainingLog
from tests.unit.scripts.stock_cloud import stock_cloud


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        yield open_session(replace(LOCAL, endpoint_url=url))


def write(logs: Any, stream: str, *lines: str) -> None:
    events = [{"timestamp": int(time() * 1000), "message": line} for line in lines]
    logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=events)


def accuracies(*values: float) -> list[str]:
    return [str(ValidationAccuracy(epoch=n, accuracy=value)) for n, value in enumerate(values)]


def test_a_log_is_read_on_from_where_the_last_reading_stopped(session: Session) -> None:
    log = TrainingLog(session=session, job_name="job")
    assert list(log.new_lines()) == []
    logs = session.client("logs")
    logs.create_log_group(logGroupName=LOG_GROUP)
    assert list(log.new_lines()) == []
    logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="job/algo-1-100")
    write(logs, "job/algo-1-100", "one", "two")
    assert list(log.new_lines()) == ["one", "two"]
    assert list(log.new_lines()) == []
    write(logs, "job/algo-1-100", "three")
    assert list(log.new_lines()) == ["three"]

    _a_restart_and_a_second_host_change_nothing(session)


def _a_restart_and_a_second_host_change_nothing(session: Session) -> None:
    logs = session.client("logs")
    for stream, values in {
        "again/algo-1-100": (0.5, 0.6),  # interrupted here
        "again/algo-2-100": (0.1, 0.2),
        "again/algo-1-200": (0.5, 0.7, 0.8),
        "again-2/algo-1-100": (0.0,),  # another job, whose name begins alike
    }.items():
        logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
        write(logs, stream, *accuracies(*values))
    history = TrainingHistory(training_samples=1)
    history.read(TrainingLog(session=session, job_name="again").new_lines())
    assert [(e.number, e.validation_accuracy) for e in history.epochs] == [
        (1, 0.5),
        (2, 0.7),
        (3, 0.8),
    ]

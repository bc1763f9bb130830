"""What the log states is read back exactly, whoever stored it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithm.contract.metrics import (
    METRIC_DEFINITIONS,
    BatchProgress,
    BestModel,
    MetricLine,
    SavedCheckpoint,
    TimeCost,
    TopK,
    TrainAccuracy,
    TrainTopK,
    ValidationAccuracy,
    parse_line,
)

PREFIX = "[06/17/2021 23:33:27 INFO 139686210139968] "

TOP_K_LINE = (
    "Epoch[0] Batch [20]#011Speed: 115.876 samples/sec#011accuracy=0.004464"
    "#011top_k_accuracy_2=0.011161"
)

# Lines of real jobs (facts sheet A.7).
REAL = [
    (
        "Epoch[0] Batch [20]#011Speed: 114.186 samples/sec#011accuracy=0.025670",
        BatchProgress(epoch=0, batch=20, speed=114.186, accuracy=0.025670),
    ),
    (
        TOP_K_LINE,
        BatchProgress(
            epoch=0,
            batch=20,
            speed=115.876,
            accuracy=0.004464,
            top_k=TopK(k=2, accuracy=0.011161),
        ),
    ),
    ("Epoch[0] Train-accuracy=0.377018", TrainAccuracy(epoch=0, accuracy=0.377018)),
    (
        "Epoch[0] Train-top_k_accuracy_2=0.041081",
        TrainTopK(epoch=0, top_k=TopK(k=2, accuracy=0.041081)),
    ),
    ("Epoch[0] Time cost=103.425", TimeCost(epoch=0, seconds=103.425)),
    ("Epoch[0] Validation-accuracy=0.661371", ValidationAccuracy(epoch=0, accuracy=0.661371)),
    ("Storing the best model with validation accuracy: 0.661371", BestModel(accuracy=0.661371)),
    (
        'Saved checkpoint to "/opt/ml/model/image-classification-0001.params"',
        SavedCheckpoint(path="/opt/ml/model/image-classification-0001.params"),
    ),
]


@pytest.mark.parametrize(("line", "metric"), REAL)
@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_a_line_of_a_real_job_is_read(line: str, metric: MetricLine, prefix: str) -> None:
    assert parse_line(prefix + line) == metric
    assert parse_line(prefix + line.replace("#011", "\t") + "\n") == metric


@pytest.mark.parametrize(("line", "metric"), REAL)
def test_a_line_is_written_as_the_built_in_writes_it(line: str, metric: MetricLine) -> None:
    assert str(metric) == line.replace("#011", "\t")


@pytest.mark.parametrize(
    "line", ["", "num_layers: 18", "Epoch[0] Validation-accuracy=", "x Epoch[0] Time cost=1.000"]
)
def test_any_other_line_states_nothing(line: str) -> None:
    assert parse_line(line) is None


index = st.integers(0, 10**6)
share = st.integers(0, 10**6).map(lambda millionths: millionths / 10**6)
thousandths = st.integers(0, 10**9).map(lambda count: count / 1000)
top_k = st.builds(TopK, k=st.integers(2, 100), accuracy=share)
lines = st.one_of(
    st.builds(
        BatchProgress,
        epoch=index,
        batch=index,
        speed=thousandths,
        accuracy=share,
        top_k=st.none() | top_k,
    ),
    st.builds(TrainAccuracy, epoch=index, accuracy=share),
    st.builds(TrainTopK, epoch=index, top_k=top_k),
    st.builds(TimeCost, epoch=index, seconds=thousandths),
    st.builds(ValidationAccuracy, epoch=index, accuracy=share),
    st.builds(BestModel, accuracy=share),
)


@given(lines)
def test_every_metric_survives_being_written_and_read(metric: MetricLine) -> None:
    assert parse_line(str(metric)) == metric
    assert parse_line(PREFIX + str(metric).replace("\t", "#011")) == metric


@given(index, share)
def test_the_metric_definitions_find_the_accuracies(epoch: int, accuracy: float) -> None:
    found = {
        definition["Name"]: re.findall(definition["Regex"], f"{PREFIX}{line}")
        for definition in METRIC_DEFINITIONS
        for line in [
            TrainAccuracy(epoch=epoch, accuracy=accuracy)
            if definition["Name"] == "train:accuracy"
            else ValidationAccuracy(epoch=epoch, accuracy=accuracy)
        ]
    }
    assert found == {name: [f"{accuracy:.6f}"] for name in found}


def test_no_definition_takes_another_lines_number() -> None:
    for definition in METRIC_DEFINITIONS:
        assert sum(bool(re.search(definition["Regex"], line)) for line, _ in REAL) == 1

"""What comes through a pipe is a sample, or a reason in the service's words."""

from pathlib import Path

import pytest

from algorithm.failure import ClientError
from algorithm.training.channel import Channel, Sample, check_channels
from algorithm.training.stop import Stop, Stopped
from tests.unit.algorithm.training_job import PIPED, TrainingJob, record, stream


def samples(job: TrainingJob, content: bytes) -> list[Sample]:
    job.feed("train", 0, content)
    return list(Channel("train", job.layout, num_classes=3).samples(0, Stop()))


@pytest.mark.parametrize("label", ["2", '"2"', "2.0", " 2\n"])
def test_a_label_is_a_number_or_its_string(job: TrainingJob, label: str) -> None:
    assert samples(job, stream([(b"image", label)])) == [Sample(1, b"image", 2)]


def test_an_image_that_contains_the_magic_arrives_whole(job: TrainingJob) -> None:
    magic = bytes.fromhex("0a23d7ce")
    parts = record(b"1234", 1) + record(b"56", 3)
    assert samples(job, parts + record(b"0"))[0].image == b"1234" + magic + b"56"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Got empty batch from pipe. Please check if the manifest"),
        (b"\xff\xd8\xff\xe0" * 8, "Unable to parse record. Please make sure input data"),
        (record(b"image"), "label of image 1 in channel train is missing"),
        (stream([(b"image", "3")]), "is 3, but with num_classes=3 labels are 0 to 2"),
        (stream([(b"image", "-1")]), "is -1, but"),
        (stream([(b"image", "[0, 1]")]), r"is '[0, 1]', but it must be the index"),
        (record(b"0") + record(b"\x89PNG\r\n"), "is 6 bytes of binary data"),
    ],
    ids=["empty", "no recordio", "odd", "too high", "negative", "multi-label", "swapped"],
)
def test_a_stream_that_cannot_be_trained_on_says_why(
    job: TrainingJob, content: bytes, reason: str
) -> None:
    with pytest.raises(ClientError) as failure:
        samples(job, content)
    assert reason in str(failure.value)
    assert failure.value.exit_code == (2 if "parse record" in reason else 1)


def test_a_pipe_that_never_comes_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    stop = Stop()
    stop.request()
    job = TrainingJob(tmp_path / "other")
    with pytest.raises(Stopped):
        next(Channel("train", job.layout, 3).samples(0, stop))


@pytest.mark.parametrize(
    ("channels", "reason"),
    [
        ({"train": PIPED}, "Channel validation is missing"),
        ({"train": PIPED, "validation": PIPED, "model": PIPED}, "Channel model is not supported"),
        (
            {"train": {**PIPED, "TrainingInputMode": "File"}, "validation": PIPED},
            "only Pipe mode augmented manifests",
        ),
        (
            {"train": {**PIPED, "RecordWrapperType": "None"}, "validation": PIPED},
            "only Pipe mode augmented manifests",
        ),
        (
            {"train": {**PIPED, "ContentType": "image/png"}, "validation": PIPED},
            "ContentType=image/png, but it must be application/x-recordio",
        ),
        (
            {"train": {**PIPED, "S3DistributionType": "ShardedByS3Key"}, "validation": PIPED},
            "must be FullyReplicated",
        ),
    ],
)
def test_channels_that_this_image_cannot_read_are_refused_by_name(
    channels: dict[str, dict[str, str]], reason: str
) -> None:
    with pytest.raises(ClientError) as failure:
        check_channels(channels)
    assert reason in str(failure.value)

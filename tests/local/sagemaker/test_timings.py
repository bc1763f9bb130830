"""The cloud's clocks: as on AWS, unless it is told to pass faster."""

from local.sagemaker.timings import Timings


def test_metrics_come_as_often_as_the_configuration_says() -> None:
    assert Timings(metrics_seconds=5.0).publication_seconds(None) == 5.0
    assert Timings(metrics_seconds=5.0).publication_seconds(10) == 10


def test_scaling_that_passes_faster_gets_its_metrics_faster_whatever_is_configured() -> None:
    assert Timings(pace=20.0, metrics_seconds=0.5).publication_seconds(10) == 0.5

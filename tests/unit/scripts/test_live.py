"""The proof of a deployment: what runs, held against what was released."""

from dataclasses import replace
from typing import Any

import pytest

from scripts.live import LiveEndpoint, differences
from tests.releases import any_model

RELEASED = any_model()
RUNNING = LiveEndpoint(
    kind="realtime",
    name="darkroom-dev-realtime",
    status="InService",
    endpoint_config_name="config",
    model_arn="arn:aws:sagemaker:us-east-1:111122223333:model/m",
    image=RELEASED.image,
    model_data_url=RELEASED.model_data_url,
    instances=1,
)


def test_an_endpoint_that_runs_the_release_differs_in_nothing() -> None:
    assert differences(RELEASED, [RUNNING, replace(RUNNING, name="other")]) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "Failed"}, "status is 'Failed', not 'InService'"),
        ({"status": "Missing", "image": None, "model_data_url": None}, "status is 'Missing'"),
        ({"image": "another"}, "image is 'another'"),
        ({"model_data_url": "s3://artifacts/models/old/model.tar.gz"}, "models/old/model.tar.gz'"),
    ],
    ids=["failed", "missing", "image", "model"],
)
def test_each_difference_is_named_with_what_is_and_what_should_be(
    change: dict[str, Any], says: str
) -> None:
    found = differences(RELEASED, [RUNNING, replace(RUNNING, **change)])
    assert found
    assert says in found[0]
    assert found[0].startswith("darkroom-dev-realtime: ")


def test_the_reason_of_a_silent_rollback_is_told() -> None:
    old = replace(RUNNING, model_data_url="s3://a/models/0/model.tar.gz", failure_reason="no ping")
    assert differences(RELEASED, [old])[-1] == "reason given: no ping"

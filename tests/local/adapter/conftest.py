from collections.abc import Iterator

import pytest

from tests.local.running_cloud import RunningCloud, running


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A cloud without IAM enforcement, for the whole session."""
    with running(tmp_path_factory.mktemp("plain") / "data") as started:
        yield started


@pytest.fixture(scope="session")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A cloud with IAM enforcement, for the whole session."""
    with running(tmp_path_factory.mktemp("enforced") / "data", auth=True) as started:
        yield started

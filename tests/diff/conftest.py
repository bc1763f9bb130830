"""One git history for all tests of `darkroom diff`."""

import pytest

from tests.diff.history import History, history


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history(tmp_path_factory.mktemp("repository"))

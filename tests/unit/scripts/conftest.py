"""An artifact that a real server can load, made once."""

import pytest

from scripts.artifact import Artifact
from tests.unit.scripts.gates.artifacts import artifact_in
from tests.untrained import untrained_artifact


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Three classes, images of 32 by 32, nothing learnt."""
    return artifact_in(tmp_path_factory.mktemp("untrained"), untrained_artifact())

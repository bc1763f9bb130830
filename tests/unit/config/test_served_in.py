"""How a model came to be trusted stands in the release file, and is read as strictly."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigurationError
from config.release import Release, read_release, release_file
from config.served_in import SERVED_IN, Override, lacks_proof
from tests.releases import any_model, any_proof, any_release

MODEL = any_model()
PROOF = any_proof(MODEL, endpoints=("darkroom-dev-realtime", "darkroom-dev-serverless"))
LET_IN = Override(gates=("accuracy", SERVED_IN), reason="a new camera", by=PROOF.by, at=PROOF.at)
TRUSTED = any_release("prod", served_in=PROOF, override=LET_IN)


def test_proof_and_override_read_back_as_they_were_written() -> None:
    again = Release.from_json(TRUSTED.to_json(), "prod.json")
    assert again == TRUSTED
    assert again.to_json() == TRUSTED.to_json()


def test_a_model_without_them_is_written_as_before_they_were_known() -> None:
    written = json.loads(any_release("prod").to_json())["models"]["champion"]
    assert written.keys().isdisjoint({"served_in", "override"})


def test_they_are_part_of_the_release_and_change_its_digest() -> None:
    assert len({any_release("prod").digest, TRUSTED.digest}) == 2


@pytest.mark.parametrize(
    ("member", "change", "named"),
    [
        ("served_in", {"account": "12"}, "served_in.account is '12'"),
        ("served_in", {"release_sha256": "c"}, "release_sha256 is 'c'"),
        ("served_in", {"artifact_sha256": "C" * 64}, "artifact_sha256 is 'CC"),
        ("served_in", {"endpoints": []}, "at least one endpoint"),
        ("served_in", {"endpoints": "realtime"}, "endpoints is 'realtime'"),
        ("served_in", {"commit": "main"}, "commit is 'main'"),
        ("served_in", {"at": "yesterday"}, "at is 'yesterday'"),
        ("served_in", {"at": "2026-11-22T21:30:00"}, "with its offset from UTC"),
        ("served_in", {"by": ""}, "by is ''"),
        ("served_in", {"approved": True}, "unknown member 'approved'"),
        ("override", {"gates": []}, "at least one gate"),
        ("override", {"reason": "  "}, "a reason"),
        ("override", {"at": "2026-13-01T00:00:00Z"}, "at is '2026-13-01"),
        ("override", {"gate": "accuracy"}, "unknown member 'gate'"),
    ],
    ids=str,
)
def test_a_member_that_proves_nothing_is_named(
    tmp_path: Path, member: str, change: dict[str, Any], named: str
) -> None:
    value = json.loads(TRUSTED.to_json())
    value["models"]["champion"][member].update(change)
    release_file("prod", tmp_path).write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=named) as refused:
        read_release("prod", tmp_path)
    assert f"models.champion.{member}" in str(refused.value)


@pytest.mark.parametrize("member", ["served_in", "override"])
@pytest.mark.parametrize("value", [None, [], "yes", {}], ids=repr)
def test_what_is_no_proof_at_all_is_refused(member: str, value: object) -> None:
    text = json.loads(TRUSTED.to_json())
    text["models"]["champion"][member] = value
    with pytest.raises(ConfigurationError, match=f"models.champion.{member}"):
        Release.from_json(json.dumps(text), "prod.json")


def test_a_proof_speaks_for_one_environment_and_one_artifact() -> None:
    sha256 = MODEL.artifact_sha256
    assert lacks_proof("dev", sha256, PROOF, None) is None
    assert "no proof that dev serves it" in str(lacks_proof("dev", sha256, None, None))
    assert "its proof is of dev, but stage" in str(lacks_proof("stage", sha256, PROOF, None))
    assert "its proof is of artifact" in str(lacks_proof("dev", "e" * 64, PROOF, None))


def test_where_nobody_asks_nothing_is_lacking() -> None:
    assert lacks_proof(None, "e" * 64, None, None) is None


def test_only_an_override_of_this_gate_stands_in_for_a_proof() -> None:
    assert lacks_proof("dev", "e" * 64, None, LET_IN) is None
    other = replace(LET_IN, gates=("accuracy",))
    assert lacks_proof("dev", "e" * 64, None, other) is not None

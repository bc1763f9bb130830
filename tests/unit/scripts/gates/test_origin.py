"""Where a model has to be served before it comes here."""

from dataclasses import replace

import pytest

from config.environments import DEV, PROD
from config.served_in import Override
from scripts.gates.origin import served_in
from tests.releases import any_model, any_proof
from tests.unit.scripts.gates.candidates import any_candidate, with_gates

MODEL = any_model()


def test_prod_takes_what_dev_has_served() -> None:
    finding = served_in(any_candidate(replace(MODEL, served_in=any_proof(MODEL)), settings=PROD))
    assert not finding.refused
    assert finding.value == "darkroom-dev-realtime of dev answered on 2026-11-22"
    assert finding.limit == "served by dev before"


@pytest.mark.parametrize("role", ["champion", "challenger", "shadow"])
def test_prod_takes_nothing_else_in_any_role(role: str) -> None:
    finding = served_in(any_candidate(MODEL, settings=PROD, role=role))
    assert finding.refused
    assert finding.may_be_overridden
    assert "no proof that dev serves it" in finding.value
    assert "`darkroom promote --from dev --to prod`" in finding.remedy


def test_a_proof_of_another_artifact_or_environment_proves_nothing() -> None:
    other = replace(MODEL, served_in=any_proof(any_model("second")))
    assert "its proof is of artifact" in served_in(any_candidate(other, settings=PROD)).value
    elsewhere = replace(MODEL, served_in=any_proof(MODEL, environment="local"))
    assert "its proof is of local" in served_in(any_candidate(elsewhere, settings=PROD)).value


def test_an_override_is_no_proof_to_the_gate_itself() -> None:
    let_in = Override(gates=("served_in",), reason="urgent", by="arn:x", at="2026-01-01T00:00:00Z")
    assert served_in(any_candidate(replace(MODEL, override=let_in), settings=PROD)).refused


def test_an_environment_that_asks_for_nothing_says_so() -> None:
    finding = served_in(any_candidate(MODEL, settings=with_gates(DEV)))
    assert not finding.refused
    assert finding.limit == "asked of nobody"
    assert finding.remedy == ""

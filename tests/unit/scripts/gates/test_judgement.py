"""What comes of the gates' findings: in, out, or in by somebody's word."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.environments import DEV, LOCAL, PROD
from config.release import Release
from config.served_in import Override
from scripts.gates.candidate import Candidate, as_recorded
from scripts.gates.finding import Finding, Outcome
from scripts.gates.judgement import GATES, RefusedByGates, judge
from scripts.session import Session, open_session
from tests.releases import any_model, any_proof, any_release
from tests.unit.scripts.answering import Reply, answering
from tests.unit.scripts.gates.candidates import any_candidate, scored, with_gates

ADA = "arn:aws:sts::000000000000:assumed-role/Engineer/ada"
STRICT = with_gates(minimum_validation_accuracy=0.9, champion_margin=0.01)
WEAK = any_candidate(scored(0.5, "second"), settings=STRICT, champion=scored(0.95))
CALLER = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
    <GetCallerIdentityResult><Arn>{ADA}</Arn><Account>000000000000</Account>
    </GetCallerIdentityResult></GetCallerIdentityResponse>"""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with answering([Reply(200, CALLER, {"Content-Type": "text/xml"})]) as url:
        yield open_session(replace(LOCAL, endpoint_url=url))


@pytest.fixture
def nobody() -> Session:
    """Asks nobody: to ask is an error."""
    return open_session(replace(LOCAL, endpoint_url="http://127.0.0.1:9"))


def test_every_gate_is_asked_and_shown_also_after_one_refused() -> None:
    judgement = judge(WEAK)
    assert [each.gate for each in judgement.findings] == [
        *("accuracy", "champion", "recorded", "artifact", "answers", "served_in")
    ]
    assert {each.gate for each in judgement.refused} == {"accuracy", "champion"}
    assert all(each.value and each.limit for each in judgement.findings)


def test_a_sound_model_needs_nobodys_word(nobody: Session) -> None:
    assert judge(any_candidate()).check(None, nobody) is None


def test_a_refusal_names_the_gates_their_values_and_limits_and_the_way_on(nobody: Session) -> None:
    with pytest.raises(RefusedByGates) as refused:
        judge(WEAK).check(None, nobody)
    text = str(refused.value)
    assert text.startswith("refused by 2 of 6 gates of environment dev (accuracy, champion): ")
    assert "validation accuracy: 0.5 (limit: at least 0.9)" in text
    assert "nothing was changed" in text
    assert "--override REASON" in text
    assert text.count("train a better model") == 1
    assert "\n" not in text


def test_an_override_records_which_gates_who_when_and_why(session: Session) -> None:
    override = judge(WEAK).check("the camera was replaced", session)
    assert override is not None
    assert override.gates == ("accuracy", "champion")
    assert override.reason == "the camera was replaced"
    assert override.by == ADA
    at = datetime.fromisoformat(override.at)
    assert at.microsecond == 0
    assert datetime.now(UTC) - at < timedelta(minutes=5)


def test_an_override_that_nobody_needs_is_left_out(
    nobody: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judge(any_candidate()).check("just in case", nobody) is None
    assert "--override was not needed" in capsys.readouterr().err


def test_no_reason_lets_an_unfit_artifact_pass(nobody: Session) -> None:
    unfit = replace(WEAK, model=scored(0.5, "second", class_names=("cat", "dog", "fox")))
    with pytest.raises(RefusedByGates, match="--override lets nobody pass recorded"):
        judge(unfit).check("we trust it", nobody)
    with pytest.raises(RefusedByGates, match="recorded cannot be overridden"):
        judge(unfit).check(None, nobody)


def test_a_recorded_override_holds_on_as_it_was_written(nobody: Session) -> None:
    known = Override(
        gates=("accuracy", "champion"), reason="new camera", by=ADA, at="2026-01-01T00:00:00+00:00"
    )
    again = replace(WEAK, model=replace(WEAK.model, override=known))
    for reason in (None, "new camera"):
        assert judge(again).check(reason, nobody) == known
    # Also where the gates have become more lenient: it is how the model came in.
    lenient = replace(again, settings=with_gates())
    assert judge(lenient).check(None, nobody) == known


def test_another_reason_or_another_gate_is_another_override(session: Session) -> None:
    known = Override(gates=("accuracy",), reason="old", by="arn:eve", at="2026-01-01T00:00:00Z")
    again = replace(WEAK, model=replace(WEAK.model, override=known))
    with pytest.raises(RefusedByGates, match="2 of 6 gates"):
        judge(again).check(None, session)
    renewed = judge(again).check("old", session)
    assert renewed is not None
    assert (renewed.gates, renewed.by) == (("accuracy", "champion"), ADA)
    reworded = replace(known, gates=("accuracy", "champion"))
    restated = judge(replace(WEAK, model=replace(WEAK.model, override=reworded)))
    other = restated.check("better words", session)
    assert other is not None
    assert (other.reason, other.by) == ("better words", ADA)


def test_a_further_gate_is_one_function_in_the_list(nobody: Session) -> None:
    def evaluated(candidate: Candidate) -> Finding:
        found = candidate.model.metrics.get("test_accuracy", 0.0)
        holds = Outcome.of(found >= 0.7)
        return Finding(gate="evaluated", what="test", value=f"{found}", limit="0.7", outcome=holds)

    judgement = judge(any_candidate(), (*GATES, evaluated))
    assert [each.gate for each in judgement.refused] == ["evaluated"]
    with pytest.raises(RefusedByGates, match="evaluated cannot be overridden"):
        judgement.check(None, nobody)
    good = any_model(metrics={"validation_accuracy": 0.98, "test_accuracy": 0.7})
    assert not judge(any_candidate(good), (*GATES, evaluated)).refused


def test_prods_gates_refuse_a_model_that_dev_never_served() -> None:
    stranger = any_candidate(settings=PROD)
    assert {each.gate for each in judge(stranger).refused} == {"served_in"}
    served = replace(stranger.model, served_in=any_proof(stranger.model))
    assert not judge(replace(stranger, model=served)).refused


def test_json_has_every_finding() -> None:
    rows = judge(WEAK).to_value()
    assert [row["outcome"] for row in rows] == [
        *("refused", "refused", "passed", "not checked", "not checked", "passed")
    ]
    assert all({"gate", "value", "limit"} <= row.keys() for row in rows)


def held_as(role: str) -> Release:
    """A release whose model in `role` was proven and let in."""
    known = Override(gates=("accuracy",), reason="r", by=ADA, at="2026-01-01T00:00:00Z")
    model = any_model("second")
    return any_release("dev").with_model(
        role, replace(model, override=known, served_in=any_proof(model))
    )


def test_a_recorded_proof_holds_in_every_role_and_an_override_in_its_own() -> None:
    before = held_as("challenger")
    again = as_recorded(any_model("second"), "challenger", before)
    assert again == before.models["challenger"]
    risen = as_recorded(any_model("second"), "champion", before)
    assert risen.override is None
    assert risen.served_in == any_proof(risen)


def test_another_artifact_of_the_same_job_inherits_nothing() -> None:
    digest = "e" * 64
    other = any_model(
        "second",
        artifact_sha256=digest,
        model_data_url=f"s3://artifacts/models/{digest}/model.tar.gz",
    )
    assert as_recorded(other, "challenger", held_as("challenger")) == other


def test_the_first_release_of_an_environment_inherits_nothing() -> None:
    assert as_recorded(any_model(), "champion", None) == any_model()


def test_the_settings_that_decide_are_the_targets() -> None:
    model = scored(0.85)
    assert not judge(any_candidate(model, settings=DEV)).refused
    assert "accuracy" in {each.gate for each in judge(any_candidate(model, settings=PROD)).refused}

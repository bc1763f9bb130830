"""What a promotion says that it did."""

import json
from dataclasses import replace

import pytest

from config.environments import PROD
from scripts import console
from scripts.gates.candidate import Candidate
from scripts.gates.judgement import judge
from scripts.promotion.copying import Copied
from scripts.promotion.outcome import PromotedModel
from scripts.promotion.screen import promoted_rows
from tests.releases import any_model, any_proof
from tests.unit.scripts.promotion.test_promoted import OVERRIDE


def promoted(copied_bytes: int) -> PromotedModel:
    model = any_model(served_in=any_proof(), override=OVERRIDE)
    candidate = Candidate(settings=PROD, role="champion", model=model, champion=None, artifact=None)
    return PromotedModel(
        role="champion",
        model=model,
        previous=any_model("before", metrics={"validation_accuracy": 0.91}),
        judgement=judge(candidate),
        copied=Copied(url=model.model_data_url, copied_bytes=copied_bytes),
    )


def test_the_answer_names_model_proof_copy_and_who_let_it_pass(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.result(promoted_rows(promoted(1234567)), as_json=False)
    text = " ".join(capsys.readouterr().out.split())
    for words in (
        "champion darkroom-dev-first validation accuracy 0.98",
        "replaces darkroom-dev-before its validation accuracy 0.91",
        "model.tar.gz, 1,234,567 bytes copied",
        "dev (account 111122223333, us-east-1) as champion, by darkroom-dev-realtime",
        "cccccccccccc of commit ddddddddd",
        "2026-11-22T21:30:00+00:00 by arn:aws:sts::444455556666:assumed-role/Promoter/ada",
        "override accuracy: r",
    ):
        assert words in text


def test_a_repeated_promotion_replaces_nobody() -> None:
    first = promoted(0)
    again = replace(first, previous=first.model)
    assert promoted_rows(again)["replaces"] == "-"
    assert promoted_rows(again)["its_validation_accuracy"] == "-"
    assert again.to_value()["replaces"] is None


def test_a_copy_that_was_not_needed_is_told_so() -> None:
    assert str(promoted_rows(promoted(0))["artifact"]).endswith("model.tar.gz, there already")


def test_the_answer_for_programs_has_the_proof_and_every_gate() -> None:
    value = json.loads(json.dumps(promoted(7).to_value()))
    assert value["served_in"] == any_proof().to_value()
    assert value["override"] == OVERRIDE.to_value()
    assert value["copied_bytes"] == 7
    assert {"accuracy", "artifact", "served_in"} <= {each["gate"] for each in value["gates"]}

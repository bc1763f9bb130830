"""Asking an endpoint, also one that is not ready or answers nonsense."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from config.environments import LOCAL
from scripts import invoke as verb
from scripts.errors import Refused
from scripts.invoke import Prediction, invoke, read_photo
from scripts.session import open_session
from tests.releases import any_model
from tests.unit.scripts.answering import Reply, answering

MODEL = any_model(class_names=("cat", "dog"))
READY = Reply(
    200,
    "[0.25, 0.75]",
    {"Content-Type": "application/json", "x-Amzn-Invoked-Production-Variant": "champion"},
)


def error(status: int, code: str, message: str) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return Reply(status, json.dumps({"Message": message}), headers)


NOT_READY = error(429, "ModelNotReadyException", "The model is not ready.")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "PNG")
    path = tmp_path / "red.png"
    path.write_bytes(picture.getvalue())
    return path


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(verb, "_RETRY_SECONDS", 0.01)


def ask(photo: Path, *replies: Reply) -> Prediction:
    with answering(list(replies)) as url:
        return invoke(
            open_session(replace(LOCAL, endpoint_url=url)),
            MODEL,
            read_photo(photo),
            kind="serverless",
        )


def test_the_classes_come_by_name_the_most_likely_first(photo: Path) -> None:
    found = ask(photo, READY)
    assert list(found.classes) == [("dog", 0.75), ("cat", 0.25)]
    assert found.variant == "champion"


def test_a_cold_start_is_waited_for_and_said_once(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(photo, *[NOT_READY] * 6, READY)
    assert found.classes[0] == ("dog", 0.75)
    said = capsys.readouterr().err
    assert said.count("waiting for darkroom-local-serverless") == 1
    assert "ModelNotReadyException" in said


def test_an_endpoint_that_never_gets_ready_is_given_up(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "COLD_START_SECONDS", 0.05)
    with pytest.raises(
        Refused, match=r"was not ready within .* seconds \(ModelNotReadyException\)"
    ):
        ask(photo, NOT_READY)


def test_an_endpoint_that_does_not_exist_names_the_command_that_makes_it(photo: Path) -> None:
    reply = error(400, "ValidationError", "Endpoint x of account 000000000000 not found.")
    with pytest.raises(Refused, match="does not exist; run `darkroom deploy --env local`"):
        ask(photo, reply)


def test_an_endpoint_that_is_not_in_service_is_told_in_the_services_words(photo: Path) -> None:
    reply = error(400, "ValidationError", "Endpoint x is not InService: Failed")
    with pytest.raises(Refused, match="takes no requests: Endpoint x is not InService"):
        ask(photo, reply)


@pytest.mark.parametrize("body", ["not json", '["a", "b"]', "[[0.1], [0.9]]", "[0.1]", "{}", "7"])
def test_an_answer_that_is_not_one_probability_a_class_is_refused(photo: Path, body: str) -> None:
    with pytest.raises(Refused, match="not one probability for each of the release's 2 classes"):
        ask(photo, READY._replace(body=body))

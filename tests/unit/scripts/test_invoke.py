"""Asking an endpoint about one photo and about many, also when it is not ready or breaks."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.environments import LOCAL
from config.rollout import AllAtOnce
from config.traffic import Single
from scripts.errors import Refused
from scripts.invoke import (
    Question,
    ask,
    chosen_kind,
    chosen_parallel,
    invoke_many,
    invoke_one,
)
from scripts.serving.answers import Answers, Csv, JsonLines, table_lines
from scripts.serving.patience import Interrupted, Patience
from scripts.serving.photos import NamedFile, find_files
from scripts.serving.predictions import Prediction, Unanswered, ranked_classes
from scripts.serving.requests import Asked, Requests
from scripts.serving.tally import Tally
from scripts.session import open_session
from tests.releases import any_model, any_release
from tests.unit.scripts.answering import Reply, Request, answering, answering_by

CHALLENGER = any_model("second")
RELEASE = any_release("local").with_model("challenger", CHALLENGER, 1)
NAME = "darkroom-local-serverless"


def answer(body: str, variant: str = "champion") -> Reply:
    headers = {"Content-Type": "application/json", "x-Amzn-Invoked-Production-Variant": variant}
    return Reply(200, body, headers)


def error(status: int, code: str, message: str | None, **members: object) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return Reply(status, json.dumps({"Message": message, **members}), headers)


READY = answer("[0.25, 0.75]")
NOT_READY = error(429, "ModelNotReadyException", "The model is not ready.")
# Not a modelled exception; its message is null (facts C.3).
THROTTLED = error(400, "ThrottlingException", None)
BROKEN = error(424, "ModelError", "x", OriginalStatusCode=500, OriginalMessage="out of memory")
NO_PICTURE = error(424, "ModelError", "x", OriginalStatusCode=400, OriginalMessage="no picture")


@pytest.fixture(autouse=True)
def nothing_of_aws_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twenty, in folders of two classes; each a shade of its own."""
    for number in range(20):
        path = tmp_path / "photos" / ("cat" if number < 10 else "dog") / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), (number, 0, 0)).save(path)
    return tmp_path / "photos"


def requests_to(url: str, said: list[str] | None = None, seconds: float = 240) -> Requests:
    say = said.append if said is not None else lambda _: None
    return Requests(
        open_session(replace(LOCAL, endpoint_url=url)),
        Asked(name=NAME),
        RELEASE,
        Patience(say=say, seconds=seconds, first_wait_seconds=0.01),
        parallel=8,
    )


def first_of(photos: Path) -> NamedFile:
    return find_files([photos / "cat" / "00.png"])[0]


def ask_one(photos: Path, *replies: Reply, said: list[str] | None = None) -> Prediction:
    with answering(list(replies)) as url:
        return invoke_one(requests_to(url, said), first_of(photos), resize=False)


def test_the_classes_come_by_name_the_most_likely_first(photos: Path) -> None:
    found = ask_one(photos, READY)
    assert list(found.classes) == [("dog", 0.75), ("cat", 0.25)]
    assert (found.variant, found.model) == ("champion", "darkroom-dev-first")


def test_the_model_that_answered_is_that_of_the_variants_role(photos: Path) -> None:
    assert ask_one(photos, answer("[1, 0]", "challenger")).model == CHALLENGER.training_job_name


def test_a_variant_that_is_no_role_of_the_release_cannot_be_named(photos: Path) -> None:
    with pytest.raises(Refused, match="variant AllTraffic answered, but the release has champion"):
        ask_one(photos, answer("[1, 0]", "AllTraffic"))


def test_every_request_is_named_anew_for_captured_data(photos: Path) -> None:
    names: list[str] = []

    def reply_to(request: Request) -> Reply:
        names.append(request.headers["X-Amzn-SageMaker-Inference-Id"])
        return NOT_READY if len(names) < 3 else READY

    with answering_by(reply_to) as url:
        found = invoke_one(requests_to(url), first_of(photos), resize=False)
    assert len(set(names)) == 3
    assert found.inference_id == names[-1]


def test_a_cold_start_is_waited_for_and_said_once(photos: Path) -> None:
    said: list[str] = []
    found = ask_one(photos, *[NOT_READY] * 6, READY, said=said)
    assert found.classes[0] == ("dog", 0.75)
    assert said == [f"waiting for {NAME} to become ready (ModelNotReadyException) ..."]


def test_a_throttled_request_comes_back(photos: Path) -> None:
    said: list[str] = []
    assert ask_one(photos, THROTTLED, THROTTLED, READY, said=said).variant == "champion"
    assert said == [f"{NAME} is asked more than it takes at a time; waiting ..."]


def test_an_endpoint_that_never_gets_ready_is_given_up(photos: Path) -> None:
    with (
        answering([NOT_READY]) as url,
        pytest.raises(Refused, match=r"was not ready within 0 seconds \(ModelNotReadyException\)"),
    ):
        invoke_one(requests_to(url, seconds=0.05), first_of(photos), resize=False)


def test_a_broken_model_is_asked_again_and_then_named(photos: Path) -> None:
    assert ask_one(photos, BROKEN, BROKEN, READY).variant == "champion"
    with pytest.raises(Refused, match=r"00\.png: the model answered 500: out of memory"):
        ask_one(photos, BROKEN, BROKEN, BROKEN, READY)


def test_a_photo_that_the_model_refuses_is_not_sent_again(photos: Path) -> None:
    with pytest.raises(Refused, match="the model answered 400: no picture"):
        ask_one(photos, NO_PICTURE, READY)


def test_an_endpoint_that_does_not_exist_names_the_command_that_makes_it(photos: Path) -> None:
    reply = error(400, "ValidationError", "Endpoint x of account 000000000000 not found.")
    with pytest.raises(Refused, match="does not exist; run `darkroom deploy --env local`"):
        ask_one(photos, reply)


def test_an_endpoint_that_is_not_in_service_is_told_in_the_services_words(photos: Path) -> None:
    reply = error(400, "ValidationError", "Endpoint x is not InService: Failed")
    with pytest.raises(Refused, match="takes no requests: Endpoint x is not InService"):
        ask_one(photos, reply)


@pytest.mark.parametrize("body", ["not json", '["a", "b"]', "[[0.1], [0.9]]", "[0.1]", "{}", "7"])
def test_an_answer_that_is_not_one_probability_a_class_is_refused(body: str) -> None:
    with pytest.raises(Refused, match="not one probability for each of the release's 2 classes"):
        ranked_classes(body.encode(), "champion", RELEASE)


# What only a real-time endpoint can do goes with it.
WITHOUT_REALTIME: dict[str, Any] = {
    "realtime": None,
    "traffic": Single(),
    "capture": None,
    "rollout": AllAtOnce(),
}


class Rows:
    """Answers kept as they come."""

    scrolls = False

    def __init__(self) -> None:
        self.rows: list[Prediction | Unanswered] = []
        self.ended = False

    def add(self, outcome: Prediction | Unanswered) -> None:
        self.rows.append(outcome)

    def end(self) -> None:
        self.ended = True


def shade_of(request: Request) -> int:
    """Which photo was sent."""
    with Image.open(io.BytesIO(request.body)) as image:
        shade = image.getpixel((0, 0))
    assert isinstance(shade, tuple)
    return int(shade[0])


@contextmanager
def shades() -> Iterator[str]:
    """A model that knows the photos: those of shade 10 and more are dogs, the last fails."""
    met = threading.Barrier(4)

    def reply_to(request: Request) -> Reply:
        number = shade_of(request)
        if number < 4:
            met.wait(10)  # so four are asked about at a time
        if number == 19:
            return NO_PICTURE
        return answer("[0.9, 0.1]" if number < 10 else "[0.2, 0.8]")

    with answering_by(reply_to) as url:
        yield url


def ask_many(url: str, paths: list[Path], answers: Answers, tally: Tally | None = None) -> Tally:
    tally = tally or Tally(RELEASE.models["champion"].class_names)
    question = Question(kind="realtime", parallel=4)
    invoke_many(requests_to(url), find_files(paths), question, answers, tally)
    return tally


def test_many_photos_are_asked_about_at_a_time_and_told_in_their_order(photos: Path) -> None:
    (photos / "cat" / "notes.txt").write_text("no photo")
    rows = Rows()
    with shades() as url:
        tally = ask_many(url, [photos], rows)
    found = [(Path(row.file).name, type(row).__name__) for row in rows.rows]
    assert [name for name, _ in found] == [
        *(f"{number:02}.png" for number in range(10)),
        "notes.txt",
        *(f"{number}.png" for number in range(10, 20)),
    ]
    assert [name for name, kind in found if kind == "Unanswered"] == ["notes.txt", "19.png"]
    assert rows.ended
    assert (tally.answered, tally.unanswered) == (19, 2)
    summary = " ".join(tally.lines(21, 1.0))
    assert "19 of 21 files answered" in summary
    assert "19 of 19 right by folder (100 %)" in summary


def test_of_many_answers_no_more_classes_are_kept_than_are_told(photos: Path) -> None:
    rows = Rows()
    with answering([READY]) as url:
        ask_many(url, [photos], rows)
    kept = [row.classes for row in rows.rows if isinstance(row, Prediction)]
    assert {len(classes) for classes in kept} == {1}


def test_interrupted_half_way_what_was_answered_is_told_all_the_same(photos: Path) -> None:
    answered = threading.Event()

    def reply_to(request: Request) -> Reply:
        number = shade_of(request)
        if number == 3:
            assert answered.wait(10)
            return error(400, "ValidationError", "Endpoint x of account 1 not found.")
        if number == 8:
            answered.set()
        return READY

    rows = Rows()
    tally = Tally(RELEASE.models["champion"].class_names)
    with answering_by(reply_to) as url, pytest.raises(Refused, match="does not exist"):
        ask_many(url, [photos], rows, tally)
    assert 9 <= tally.begun < 20
    assert f"{20 - tally.begun} not sent" in tally.lines(20, 1.0)
    numbers = [int(Path(row.file).stem) for row in rows.rows]
    # When 8 was asked about, two threads at most were at work on one before it.
    assert len({0, 1, 2, 4, 5, 6, 7} - set(numbers)) <= 2
    assert 3 not in numbers
    assert numbers == sorted(numbers)
    assert rows.ended


def test_who_waits_for_a_cold_start_stops_when_interrupted(photos: Path) -> None:
    patience = Patience(say=lambda _: patience.stopped.set(), first_wait_seconds=60)
    with answering([NOT_READY]) as url:
        session = open_session(replace(LOCAL, endpoint_url=url))
        requests = Requests(session, Asked(name=NAME), RELEASE, patience)
        with pytest.raises(Interrupted):
            ask(requests, first_of(photos), resize=False)


def outcome(file: str = "photos/cat/1.png", **different: Any) -> Prediction:
    values: dict[str, Any] = {
        "file": file,
        "endpoint": NAME,
        "variant": "champion",
        "model": "job",
        "classes": [("cat", 0.75), ("dog", 0.25)],
        "milliseconds": 3.21,
        "inference_id": "id",
    }
    return Prediction(**(values | different))


def test_csv_has_a_row_a_file_under_the_name_that_it_has() -> None:
    stream = io.StringIO()
    rows = Csv(stream, top=3)
    rows.add(outcome())
    rows.add(outcome('-1, "x"\n.png', classes=[("=1+1", 1.0)]))
    rows.add(Unanswered(file="b", reason='a "reason", of two'))
    rows.add(outcome("\udce4.png"))  # Latin-1, as Python reads it
    first, second, third, fourth = csv.DictReader(io.StringIO(stream.getvalue()))
    assert (first["class_1"], first["probability_2"], first["class_3"]) == ("cat", "0.250000", "")
    assert second["file"] == '-1, "x"\n.png'
    assert second["class_1"] == "'=1+1"
    assert fourth["file"] == "\\xe4.png"
    assert (third["class_1"], third["error"]) == ("", 'a "reason", of two')


def test_json_lines_are_an_object_a_file() -> None:
    stream = io.StringIO()
    rows = JsonLines(stream, top=1)
    rows.add(outcome(resized="smaller"))
    rows.add(Unanswered(file="b", reason="c"))
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first["predictions"] == [{"class": "cat", "probability": 0.75}]
    assert (first["model"], first["inference_id"], first["resized"]) == ("job", "id", "smaller")
    assert second == {"file": "b", "error": "c"}


@pytest.mark.parametrize("columns", [80, 120])
def test_a_table_fits_its_terminal_whatever_the_names(columns: int) -> None:
    rows = [outcome(f"{'folder/' * 20}{n}.png") for n in range(3)]
    lines = table_lines([*rows, Unanswered(file="x" * 200, reason="why " * 50)], columns)
    assert max(len(line) for line in lines) <= columns
    assert all(any(f"{n}.png" in line for line in lines) for n in range(3))


def test_a_table_for_a_program_is_a_line_a_file_and_whole() -> None:
    name = "folder/" * 30
    lines = table_lines([outcome(name), Unanswered(file=name, reason="why " * 50)], None)
    assert len(lines) == 3
    assert all(name in line for line in lines[1:])


def test_a_serverless_endpoint_is_not_asked_more_than_it_takes() -> None:
    assert LOCAL.serverless is not None
    limit = LOCAL.serverless.max_concurrency
    assert chosen_parallel(LOCAL, "serverless", None) <= limit
    assert chosen_parallel(LOCAL, "realtime", limit + 1) == limit + 1
    with pytest.raises(Refused, match=f"--parallel is {limit + 1}, but the serverless endpoint"):
        chosen_parallel(LOCAL, "serverless", limit + 1)


def test_a_variant_is_asked_for_at_the_endpoint_that_has_variants() -> None:
    assert chosen_kind(LOCAL, None, "challenger") == "realtime"
    with pytest.raises(Refused, match="has no realtime endpoint"):
        chosen_kind(replace(LOCAL, **WITHOUT_REALTIME), "realtime", None)

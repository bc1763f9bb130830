"""A second model beside the first: as a challenger that shares the traffic, then as a shadow."""

import base64
import json
import re
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.journey.operator import Operator
from tests.journey.people import People
from tests.journey.release_story import REALTIME

LOCAL = ("--env", "local")
AN_HOUR = r"\d{4}/\d\d/\d\d/\d\d"


def a_challenger_shares_the_traffic(people: People, champion: Any, trained: Any) -> None:
    engineer, job = people.engineer, trained["training_job_name"]
    released = engineer.gets_json("darkroom", "release", job, *LOCAL, "--role", "challenger")
    assert released["challenger"] == job
    assert released["traffic"] == "champion 100 %, challenger 0 %"
    split = engineer.gets_json("darkroom", "split", "champion=80", "challenger=20", *LOCAL)
    assert {row["role"]: row["share"] for row in split["roles"]} == {
        "champion": 0.8,
        "challenger": 0.2,
    }
    assert not engineer.gets_json("darkroom", "status", *LOCAL)["in_step"]
    says_what_will_change_and_changes_nothing(people.pipeline)
    deployed = people.pipeline.gets_json("darkroom", "deploy", *LOCAL, "--yes")
    assert deployed["proof"]["differences"] == []
    status = engineer.gets_json("darkroom", "status", *LOCAL)
    assert status["in_step"], status["differences"]
    assert {each["name"]: each["share"] for each in _variants(status)} == {
        "champion": 0.8,
        "challenger": 0.2,
    }
    both = {"champion": champion, "challenger": trained}
    answers = asks_a_folder(engineer, both, photos_of_a_class=15)
    asked = Counter(answer["variant"] for answer in answers)
    # Of 150: within five standard deviations of a fifth, so one run in a million is told wrongly.
    assert 6 <= asked["challenger"] <= 54
    traffic_tells_of_both(engineer, asked)


def says_what_will_change_and_changes_nothing(pipeline: Operator) -> None:
    plan = pipeline.gets_json("darkroom", "deploy", *LOCAL, "--plan")["plan"]
    assert plan["blocked"] == []
    stacks = {stack["id"].rpartition("/")[2]: stack["effect"] for stack in plan["stacks"]}
    assert {name for name, effect in stacks.items() if effect != "nothing"} == {"Serving"}, stacks
    effects = {endpoint["name"]: endpoint["effect"] for endpoint in plan["endpoints"]}
    assert effects == {REALTIME: "new fleet", "darkroom-local-serverless": "nothing"}
    status = pipeline.gets_json("darkroom", "status", *LOCAL)
    assert [variant["name"] for variant in _variants(status)] == ["champion"]


def asks_a_folder(
    engineer: Operator, trained: dict[str, Any], *, photos_of_a_class: int
) -> list[dict[str, Any]]:
    """Every photo is answered once, by a model that was released, and as rightly as its training
    promises; what is no photo is told of in its row."""
    folder = f"asked-{photos_of_a_class}"
    photos = _copied_photos(engineer.folder, folder, photos_of_a_class)
    no_photo = f"{folder}/notes.jpg"
    shutil.copy2(engineer.folder / "photos" / "1" / "notes.jpg", engineer.folder / no_photo)
    finished = engineer.types("darkroom", "invoke", folder, *LOCAL, "--json")
    assert finished.returncode == 1, finished.stderr
    rows = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [row["file"] for row in rows] == [no_photo, *photos]
    errors = {row["file"]: row["error"] for row in rows if "error" in row}
    assert list(errors) == [no_photo], errors
    assert "limit: PNG or JPEG" in errors[no_photo]
    answers = [row for row in rows if "error" not in row]
    for role, model in trained.items():
        of_role = [answer for answer in answers if answer["variant"] == role]
        assert {answer["model"] for answer in of_role} == {model["training_job_name"]}
    assert {answer["variant"] for answer in answers} == set(trained)
    right = sum(
        answer["predictions"][0]["class"] == Path(answer["file"]).parent.name for answer in answers
    )
    assert right >= 0.8 * len(answers)
    return answers


def traffic_tells_of_both(engineer: Operator, asked: Counter[str]) -> None:
    """All requests that were answered, within the seconds that CloudWatch needs to know them."""
    give_up = time.monotonic() + 60
    while True:
        found = engineer.gets_json("darkroom", "traffic", *LOCAL, "--endpoint", "realtime")
        variants = {each["variant"]: each for each in found["endpoints"][0]["variants"]}
        if all(variants[role]["requests"] >= count for role, count in asked.items()):
            break
        assert time.monotonic() < give_up, f"asked {asked}, and traffic tells of {variants}"
        time.sleep(1)
    for variant in variants.values():
        assert (variant["client_errors"], variant["server_errors"]) == (0, 0)
        assert 0 < variant["model_milliseconds"]["p50"] <= variant["model_milliseconds"]["p99"]
    assert [variants[role]["weight_share"] for role in ("champion", "challenger")] == [0.8, 0.2]


def a_shadow_answers_beside_the_champion(people: People, champion: Any, trained: Any) -> None:
    engineer, job = people.engineer, trained["training_job_name"]
    the_plan_becomes_a_shadow(engineer)
    early = engineer.is_refused("darkroom", "release", job, *LOCAL, "--role", "shadow")
    assert "`darkroom release --remove challenger --env local`" in early
    engineer.gets("darkroom", "release", *LOCAL, "--remove", "challenger")
    engineer.gets("darkroom", "release", job, *LOCAL, "--role", "shadow")
    deployed = people.pipeline.cdk("deploy", "local/*", "--require-approval", "never")
    assert deployed.returncode == 0, deployed.stderr
    # After the plain CDK this changes nothing, and proves what runs.
    proven = people.pipeline.gets_json("darkroom", "deploy", *LOCAL, "--yes")
    assert {stack["effect"] for stack in proven["plan"]["stacks"]} == {"nothing"}
    assert proven["proof"]["differences"] == []
    # A verdict needs 100 pairs; a shadow that fell 72 behind would get no more copies.
    answers = asks_a_folder(engineer, {"champion": champion}, photos_of_a_class=11)
    for variant in ("champion", "shadow"):
        captured_every_request_once(people, variant, answers)
    compares_what_both_answered(engineer, len(answers))
    status = engineer.gets_json("darkroom", "status", *LOCAL)
    assert status["in_step"], status["differences"]
    assert {each["name"]: each["shadow"] for each in _variants(status)} == {
        "champion": False,
        "shadow": True,
    }


def the_plan_becomes_a_shadow(engineer: Operator) -> None:
    """As an operator does it: by hand, in the settings."""
    settings = engineer.folder / "config" / "environments.py"
    text = settings.read_text(encoding="utf-8")
    for before, after in (
        ("from config.traffic import Split\n", "from config.traffic import Shadow\n"),
        ("    traffic=Split(),\n", "    traffic=Shadow(),\n"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    settings.write_text(text, encoding="utf-8")


def compares_what_both_answered(engineer: Operator, asked: int) -> None:
    """And the verdict is a gate where a share is named."""
    found = engineer.gets_json("darkroom", "shadow", *LOCAL)
    assert found["pairs"] >= asked  # the deployment's proof asked as well
    low, high = found["agreement_interval"]
    assert 0 < low <= found["agreed"] / found["pairs"] <= high <= 1
    assert sum(cell["pairs"] for cell in found["confusion"]) == found["pairs"] - found["agreed"]
    for least, passes in (("0.3", True), ("1", False)):
        gate = engineer.types("darkroom", "shadow", *LOCAL, "--at-least", least, "--json")
        assert gate.returncode == (0 if passes else 1), gate.stderr
        assert (json.loads(gate.stdout)["verdict"] == "agrees") == passes


def captured_every_request_once(
    people: People, variant: str, answers: list[dict[str, Any]]
) -> None:
    """Within seconds, in the layout and the form of the facts sheet, C.7."""
    bucket = people.administrator.outputs_of("data")["CaptureBucketName"]
    asked = {answer["inference_id"]: answer for answer in answers}
    give_up = time.monotonic() + 60
    while True:
        everything = _captured(people.engineer.client("s3"), bucket, variant)
        # A request without an id, as any program may send it, is captured without one.
        of_ids = [(record["eventMetadata"].get("inferenceId"), record) for record in everything]
        records = [(name, record) for name, record in of_ids if name in asked]
        if len(records) >= len(asked):
            break
        assert time.monotonic() < give_up, f"of {len(asked)} were captured {len(records)}"
        time.sleep(0.5)
    assert sorted(name for name, _ in records) == sorted(asked)
    for name, record in records:
        tells_what_was_sent_and_said(record, asked[name], people.engineer.folder)


def tells_what_was_sent_and_said(
    record: dict[str, Any], answer: dict[str, Any], folder: Path
) -> None:
    sent, said = (record["captureData"][f"endpoint{side}"] for side in ("Input", "Output"))
    assert sent["observedContentType"] == "image/png"
    assert (sent["mode"], sent["encoding"]) == ("INPUT", "BASE64")
    assert base64.b64decode(sent["data"]) == (folder / answer["file"]).read_bytes()
    assert (said["mode"], said["encoding"]) == ("OUTPUT", "JSON")
    assert sum(json.loads(said["data"])) == pytest.approx(1, abs=1e-3)


def _captured(s3: Any, bucket: str, variant: str) -> list[dict[str, Any]]:
    """The records of a variant of the real-time endpoint."""
    prefix = f"capture/{REALTIME}/{variant}/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [row["Key"] for page in pages for row in page.get("Contents", ())]
    assert all(re.fullmatch(rf"{prefix}{AN_HOUR}/[0-9a-f-]+\.jsonl", key) for key in keys), keys
    return [
        json.loads(line)
        for key in keys
        for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()
    ]


def _copied_photos(checkout: Path, folder: str, count: int) -> list[str]:
    """Copies of so many photos of each class, the class their folder's name."""
    names = []
    for name in map(str, range(10)):
        (checkout / folder / name).mkdir(parents=True)
        for photo in sorted((checkout / "photos" / name).glob("[0-9]*.png"))[-count:]:
            shutil.copy2(photo, checkout / folder / name)
            names.append(f"{folder}/{name}/{photo.name}")
    return names


def _variants(status: dict[str, Any]) -> list[dict[str, Any]]:
    """The real-time endpoint's, as `darkroom status` tells of them."""
    endpoint = next(each for each in status["endpoints"] if each["name"] == REALTIME)
    variants: list[dict[str, Any]] = endpoint["variants"]
    return variants

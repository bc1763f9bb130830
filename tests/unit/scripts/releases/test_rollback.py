"""Going back to an earlier release: a real git history, and an S3 that has its artifacts."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.environments import LOCAL, PROD
from config.release import Release, ReleasedModel
from config.settings import Settings
from config.traffic import Split
from scripts.artifact import split_url
from scripts.errors import Refused
from scripts.releases.readmission import renamed_classes
from scripts.releases.release_file import ReleaseFile
from scripts.rollback import rollback
from scripts.session import Session, open_session
from tests.releases import any_model, any_proof, any_release
from tests.unit.scripts.answering import Reply, Request, answering_by
from tests.unit.scripts.releases.story import Story, proven, release_of
from tests.unit.scripts.stock_cloud import stock_cloud

REPOSITORY = Path(__file__).resolve().parents[4]
FIRST, SECOND, THIRD = (proven(each, 0.9 + 0.01 * n) for n, each in enumerate("abc"))
A, B, C = (release_of(champion=each) for each in (FIRST, SECOND, THIRD))
UNPROVEN = any_model("unproven")
OLD = release_of(champion=UNPROVEN)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        yield url


@pytest.fixture(scope="module")
def session(cloud: str) -> Session:
    session = session_of(PROD, cloud)
    session.client("s3").create_bucket(Bucket="artifacts")
    for model in (FIRST, SECOND, THIRD, UNPROVEN):
        put(session, model)
    return session


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def session_of(settings: Settings, url: str) -> Session:
    credentials = LOCAL.endpoint_credentials
    return open_session(replace(settings, endpoint_url=url, endpoint_credentials=credentials))


def put(session: Session, model: ReleasedModel) -> None:
    bucket, key = split_url(model.model_data_url)
    body = bytes(model.artifact_size_bytes)
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def reread(story: Story) -> Release:
    return Release.from_json(story.text, "prod.json")


def refusal(session: Session, story: Story, revision: str | None = None) -> str:
    """Why nothing came back; the file is then as it was."""
    before = story.file.content()
    with pytest.raises(Refused) as refused:
        rollback(session, story.file, revision)
    assert story.file.content() == before
    text = str(refused.value)
    assert "\n" not in text
    return text


def test_the_release_before_comes_back_byte_for_byte(session: Session, story: Story) -> None:
    first = story.commits(A)
    before = story.text
    story.commits(B)
    done = rollback(session, story.file)
    assert story.text == before
    assert (done.before, done.after, done.commit.sha) == (B, A, first)
    assert done.changed
    assert story.git("status", "--porcelain") == "M config/releases/prod.json"


def test_again_it_comes_back_to_what_it_left_and_says_so_whether_committed_or_not(
    session: Session, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.commits(A)
    bad = story.commits(B)
    rollback(session, story.file)
    assert "left for the present one" not in capsys.readouterr().err
    rollback(session, story.file)
    assert reread(story) == B
    told = f"{bad[:9]} is the release that was left for the present one; an older one comes back"
    assert told in capsys.readouterr().err
    rollback(session, story.file)
    story.commits(story.text)
    assert rollback(session, story.file).after == B


def test_a_revision_leads_further_back_and_to_where_one_is_changes_nothing(
    session: Session, story: Story
) -> None:
    first = story.commits(A)
    story.git("tag", "good")
    story.commits(B)
    story.commits(C)
    assert rollback(session, story.file, "good").commit.sha == first
    assert reread(story) == A
    assert not rollback(session, story.file, "good").changed
    assert rollback(session, story.file, "HEAD").after == C


def test_an_artifact_that_the_caller_may_not_look_at_is_not_relied_on(story: Story) -> None:
    story.commits(A)
    story.commits(B)
    with answering_by(who_is_prod_or_denied) as url:
        text = refusal(session_of(PROD, url), story)
    assert "may not look whether the artifact s3://artifacts/models/" in text
    assert "s3:GetObject on arn:aws:s3:::artifacts/models/*" in text
    assert "DeployPolicyArn of environment prod" in text


def who_is_prod_or_denied(request: Request) -> Reply:
    if b"GetCallerIdentity" in request.body:
        identity = "<Account>000000000000</Account><Arn>arn:aws:iam::0:user/a</Arn>"
        text = (
            "<GetCallerIdentityResponse><GetCallerIdentityResult>"
            f"{identity}</GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
        return Reply(200, text, {"Content-Type": "text/xml"})
    return Reply(403, "", {})


def test_changes_that_are_in_no_commit_are_not_lost(session: Session, story: Story) -> None:
    story.commits(A)
    story.says(B)
    text = refusal(session, story)
    assert "changes that are in no commit and would be lost" in text
    assert "git checkout HEAD -- config/releases/prod.json" in text
    story.says("<<<<<<< HEAD")
    assert "would be lost" in refusal(session, story)
    newly_proven = replace(FIRST, served_in=replace(any_proof(FIRST), commit="2" * 40))
    story.says(release_of(champion=newly_proven))
    assert "would be lost" in refusal(session, story, "HEAD")


def test_what_is_told_to_drop_changes_drops_them(session: Session, story: Story) -> None:
    def do_as_told() -> None:
        command = refusal(session, story).split("drop them (`")[1].split("`")[0]
        subprocess.run(shlex.split(command), cwd=story.root, check=True)

    story.says(C)
    do_as_told()
    assert "has no earlier release" in refusal(session, story)
    story.commits(A)
    story.commits(B)
    story.says(C)
    story.git("add", "--all")
    do_as_told()
    assert rollback(session, story.file).after == A


def test_a_file_that_is_gone_or_committed_broken_is_no_obstacle(
    session: Session, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.commits(A)
    story.says(None)
    assert rollback(session, story.file).before is None
    assert reread(story) == A
    broken = story.commits("{")
    rollback(session, story.file)
    assert reread(story) == A
    assert (
        f"{broken[:9]} is passed over: config/releases/prod.json is not" in capsys.readouterr().err
    )


def test_without_an_earlier_release_there_is_nothing_to_go_back_to(
    session: Session, story: Story
) -> None:
    assert "has no earlier release in the history of" in refusal(session, story)
    story.commits(A)
    story.commits(json.dumps(json.loads(A.to_json()), indent=4))
    assert "there is none" in refusal(session, story)
    (story.root / ".gitignore").write_text("config/releases/local.json")
    local = ReleaseFile(environment="local", root=story.root)
    with pytest.raises(Refused, match=r"is ignored by git.*darkroom release JOB --env local"):
        rollback(session, local)


def test_a_revision_without_a_release_is_refused_by_name(session: Session, story: Story) -> None:
    (story.root / "README").write_text("x")
    story.git("add", "--all")
    story.git("commit", "--quiet", "-m", "Begin")
    story.commits("{")
    story.commits(A)
    assert "config/releases/prod.json is not there" in refusal(session, story, "HEAD~2")
    assert "config/releases/prod.json is not JSON" in refusal(session, story, "HEAD~1")
    assert "'v9' is no commit of this repository" in refusal(session, story, "v9")


def test_a_model_without_proof_comes_back_only_with_a_recorded_reason(
    session: Session, story: Story
) -> None:
    story.commits(OLD)
    story.commits(B)
    text = refusal(session, story)
    assert "champion darkroom-dev-unproven: there is no proof that dev serves it" in text
    assert "--override REASON" in text
    done = rollback(session, story.file, reason="prod burns")
    override = reread(story).models["champion"].override
    assert override is not None
    assert (override.gates, override.reason) == (("served_in",), "prod burns")
    assert override.by == session.caller().arn
    written = story.text
    assert not rollback(session, story.file, done.commit.sha, "prod burns").changed
    assert story.text == written
    assert rollback(session, story.file).after == B, "an override alone is nothing to lose"


def test_an_override_that_let_the_model_in_is_still_told_of(session: Session, story: Story) -> None:
    story.commits(OLD)
    story.commits(B)
    rollback(session, story.file, reason="first")
    override = reread(story).models["champion"].override
    assert override is not None
    quality = replace(override, gates=("accuracy",))
    story.git("checkout", "--quiet", "--", ".")
    story.commits(release_of(champion=replace(UNPROVEN, override=quality)))
    story.commits(C)
    rollback(session, story.file, reason="second")
    again = reread(story).models["champion"].override
    assert again is not None
    assert again.gates == ("accuracy", "served_in")
    assert again.reason == "second (before: first)"


def test_an_override_for_nothing_is_said_and_not_recorded(
    session: Session, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.commits(A)
    story.commits(B)
    assert rollback(session, story.file, reason="in a hurry").after == A
    assert "--override was not needed" in capsys.readouterr().err


def test_a_model_below_todays_gates_comes_back(session: Session, story: Story) -> None:
    low = release_of(champion=replace(FIRST, metrics={"validation_accuracy": 0.1}))
    story.commits(low)
    story.commits(B)
    assert PROD.gates.minimum_validation_accuracy > 0.1
    assert rollback(session, story.file).after == low


def test_an_artifact_that_is_gone_or_another_is_refused(session: Session, story: Story) -> None:
    story.commits(A)
    story.commits(B)
    bucket, key = split_url(FIRST.model_data_url)
    try:
        session.client("s3").delete_object(Bucket=bucket, Key=key)
        assert "of the champion is gone" in refusal(session, story)
        session.client("s3").put_object(Bucket=bucket, Key=key, Body=b"tampered")
        assert "has 8 bytes, but 1,048,576 were released" in refusal(session, story)
    finally:
        put(session, FIRST)


def test_what_todays_settings_cannot_serve_is_refused(
    session: Session, cloud: str, story: Story
) -> None:
    story.commits(release_of(champion=FIRST, challenger=THIRD))
    story.commits(B)
    text = refusal(session, story)
    assert "does not go with today's settings" in text
    assert "for traffic=Single() one of champion" in text
    assert "--to" in text
    splitting = session_of(replace(PROD, traffic=Split()), cloud)
    assert set(rollback(splitting, story.file).after.models) == {"champion", "challenger"}
    story.commits(release_of(champion=replace(proven("d"), artifact_format="onnx")))
    story.commits(B)
    assert "'onnx', but its image serves 'mxnet'" in refusal(session, story)


def test_another_account_than_the_environments_is_asked_nothing(cloud: str, story: Story) -> None:
    story.commits(A)
    story.commits(B)
    elsewhere = session_of(replace(PROD, account="111122223333"), cloud)
    assert "111122223333" in refusal(elsewhere, story)


def test_a_shallow_clone_may_lack_what_there_is_to_go_back_to(
    session: Session, story: Story, tmp_path: Path
) -> None:
    story.commits(A)
    story.commits(B)
    clone = tmp_path / "shallow"
    story.git("clone", "--quiet", "--depth=1", f"file://{story.root}", str(clone))
    with pytest.raises(Refused, match="git fetch --unshallow"):
        rollback(session, ReleaseFile(environment="prod", root=clone))


def test_names_that_callers_will_miss_are_told() -> None:
    after = any_release(class_names=("cat", "dog"))
    assert renamed_classes(None, after) is None
    assert renamed_classes(after, after) is None
    assert renamed_classes(any_release(class_names=("dog", "fox")), after) == "fox goes, cat comes"
    assert renamed_classes(any_release(class_names=("dog", "cat")), after) == (
        "they are the same in another order"
    )


@pytest.mark.usefixtures("session")
def test_the_commands_work_in_a_clone_and_say_what_comes_next(cloud: str, story: Story) -> None:
    for part in ("config", "scripts", "dataset", "algorithm/contract"):
        skipped = shutil.ignore_patterns("__pycache__", "releases")
        if part == "scripts":
            skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / part, story.root / part, ignore=skipped)
    first = story.commits(A)
    story.commits(B)
    done = darkroom(story, cloud, "rollback", "--env", "prod", "--json")
    rows: dict[str, Any] = json.loads(done.stdout)
    assert rows["back_to"] == f"{first[:9]} of 2026-03-02 12:00 UTC"
    assert rows["replaces"] == SECOND.training_job_name
    assert rows["changed"] is True
    assert "git add config/releases/prod.json && git commit" in done.stderr
    assert "next: darkroom deploy --env prod" in done.stderr
    told = darkroom(story, cloud, "history", "--env", "prod", "--limit", "2", "--json")
    value: dict[str, Any] = json.loads(told.stdout)
    assert value["releases"][0]["commit"] is None
    assert value["releases"][0]["rolled_back_to"] == first
    assert value["older"] == 1
    assert "1 older, shown with --limit 3" in told.stderr


def darkroom(story: Story, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return subprocess.run(
        [sys.executable, "-m", "scripts", *words],
        cwd=story.root,
        env={**os.environ, **keys, "AWS_ENDPOINT_URL": url, "PYTHONPATH": str(story.root)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

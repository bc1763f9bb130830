"""How the CLI speaks: verbs, exit codes, one line an error."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from scripts.cli import run
from scripts.interruption import stopped
from tests.unit.scripts.answering import Reply, answering

REPOSITORY = Path(__file__).resolve().parents[3]


def darkroom(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the CLI as a user would, with nothing of AWS in the environment but `variables`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
    offline = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "scripts", *words],
        cwd=REPOSITORY,
        env={**kept, **nowhere, **offline, **variables},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )


def refusal(finished: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal; fails when it is more than that."""
    assert finished.returncode == 1, finished.stderr
    lines = finished.stderr.strip().splitlines()
    assert len(lines) == 1, finished.stderr
    assert lines[0].startswith("darkroom: ")
    return lines[0]


# A port on loopback where nothing listens: 9 is the discard service's.
NOWHERE = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}


def test_help_lists_the_verbs_in_the_order_of_the_journey() -> None:
    finished = darkroom("--help")
    assert finished.returncode == 0
    verbs = (
        *("local", "bootstrap", "prepare", "train", "release", "promote", "split", "deploy"),
        *("status", "invoke", "traffic", "shadow", "drill", "rollback", "history", "card"),
        *("diff", "cost", "prices"),
    )
    places = [finished.stdout.index(f"\n  {verb} ") for verb in verbs]
    assert places == sorted(places)


def test_an_interrupt_that_nothing_goes_on_from_says_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["darkroom"])

    @click.command()
    def verb() -> None:
        with stopped("nothing was started"):
            raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        run(verb, "darkroom")
    assert ended.value.code == 130
    assert capsys.readouterr().err == "\ndarkroom: interrupted; nothing was started\n"


def test_a_misspelt_verb_is_a_usage_error_that_names_the_closest() -> None:
    finished = darkroom("trian")
    assert finished.returncode == 2
    assert "did you mean `train`?" in finished.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--env", "local"),
        ("release", "some-job", "--env", "local"),
        ("deploy", "--env", "local", "--yes"),
        ("bootstrap", "--env", "local", "--yes"),
    ],
    ids=lambda words: words[0],
)
def test_a_verb_names_the_command_that_starts_the_local_cloud(words: tuple[str, ...]) -> None:
    line = refusal(darkroom(*words, **NOWHERE))
    assert "nothing answers at http://127.0.0.1:9" in line
    # Where this checkout's own cloud happens to run, the way to it is named instead.
    assert "darkroom local up" in line or "darkroom local env" in line


def test_absent_credentials_are_one_line_with_the_way_to_sign_in() -> None:
    line = refusal(darkroom("deploy", "--env", "dev", "--yes"))
    assert "no AWS credentials" in line
    assert "aws sso login" in line


def test_an_unknown_profile_is_one_line() -> None:
    line = refusal(darkroom("deploy", "--env", "dev", "--yes", AWS_PROFILE="nobody"))
    assert "nobody" in line
    assert "AWS_PROFILE" in line


def test_expired_credentials_are_one_line_that_says_to_sign_in_again() -> None:
    expired = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
        <Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the
        request is expired</Message></Error><RequestId>1</RequestId></ErrorResponse>"""
    with answering([Reply(403, expired, {"Content-Type": "text/xml"})]) as url:
        line = refusal(
            darkroom("deploy", "--env", "dev", "--yes", **{**NOWHERE, "AWS_ENDPOINT_URL": url})
        )
    assert "the AWS credentials for environment dev have expired" in line
    assert "sign in again" in line


def test_the_demos_scoring_refuses_in_one_line_as_well() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "examples.score", "--env", "prod"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("score: environment prod has no release")
    assert "Traceback" not in finished.stderr


def test_iam_changes_are_not_made_unasked_where_nobody_can_be_asked() -> None:
    caller = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <GetCallerIdentityResult><Account>000000000000</Account>
        <Arn>arn:aws:iam::000000000000:root</Arn></GetCallerIdentityResult>
        </GetCallerIdentityResponse>"""
    nothing = """<ErrorResponse><Error><Code>ValidationError</Code>
        <Message>Stack with id any does not exist</Message></Error></ErrorResponse>"""
    xml = {"Content-Type": "text/xml"}
    with answering([Reply(200, caller, xml), Reply(400, nothing, xml)]) as url:
        line = refusal(
            darkroom("bootstrap", "--env", "local", **{**NOWHERE, "AWS_ENDPOINT_URL": url})
        )
    assert "repeat the command with --yes" in line


def test_a_stranger_at_the_local_clouds_port_is_called_one() -> None:
    page = "<!DOCTYPE HTML><html><br></html>"
    for status in (200, 501):
        with answering([Reply(status, page, {"Content-Type": "text/html"})]) as url:
            variables = {**NOWHERE, "AWS_ENDPOINT_URL": url}
            line = refusal(darkroom("train", "--env", "local", **variables))
        assert "is no AWS service" in line
        assert "darkroom local env" in line

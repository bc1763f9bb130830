"""Who a verb speaks to, and as whom."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from config.environments import DEV, LOCAL
from scripts.aws_errors import explain
from scripts.errors import Refused
from scripts.session import Session, open_session


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def with_keys_of_a_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALACCOUNT00000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")


def test_an_endpoint_of_the_settings_comes_with_the_settings_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_keys_of_a_real_account(monkeypatch)
    session = open_session(LOCAL)
    assert session.endpoint_url == LOCAL.endpoint_url
    assert session.credentials() == ("test", "test", None)


def test_an_endpoint_of_the_environment_comes_with_the_environments_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_keys_of_a_real_account(monkeypatch)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    session = open_session(LOCAL)
    assert session.endpoint_url == "http://127.0.0.1:5000"
    assert session.credentials() == ("AKIAREALACCOUNT00000", "real-secret", "a-token")


def test_without_an_endpoint_the_usual_credential_chain_applies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_keys_of_a_real_account(monkeypatch)
    session = open_session(DEV)
    assert session.endpoint_url is None
    assert session.credentials()[0] == "AKIAREALACCOUNT00000"


def test_every_client_talks_to_the_session_endpoint_also_those_of_the_sdk() -> None:
    session = open_session(LOCAL)
    for service in ("s3", "sagemaker", "sagemaker-runtime", "logs", "sts"):
        assert session.client(service).meta.endpoint_url == LOCAL.endpoint_url
        assert session.boto3.client(service).meta.endpoint_url == LOCAL.endpoint_url


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_CLOUDFORMATION"])
def test_no_variable_leads_past_the_account_that_is_checked(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(Refused, match=rf"{name} would send some requests of environment dev"):
        open_session(DEV)
    local = open_session(LOCAL)
    assert name not in local.environment()
    assert local.client("s3").meta.endpoint_url == LOCAL.endpoint_url


@pytest.mark.parametrize("url", ["localhost:4566", "http://", "http://127.0.0.1:1/path"])
def test_an_endpoint_that_is_no_url_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(Refused, match="must be a URL such as"):
        open_session(LOCAL)


def test_an_empty_endpoint_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert open_session(LOCAL).endpoint_url == LOCAL.endpoint_url


def test_a_web_proxy_is_not_asked_for_this_machines_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.delenv("no_proxy", raising=False)
    variables = open_session(LOCAL).environment()
    assert variables["NO_PROXY"].split(",")[:2] == ["example.com", "127.0.0.1"]
    assert "127.0.0.1" in variables["no_proxy"]


def test_a_child_process_gets_the_same_caller_and_no_profile_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody-else")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "stale")
    variables = open_session(LOCAL).environment()
    assert variables["AWS_ENDPOINT_URL"] == LOCAL.endpoint_url
    assert variables["AWS_ACCESS_KEY_ID"] == "test"
    assert "AWS_PROFILE" not in variables
    assert "AWS_SESSION_TOKEN" not in variables


def test_credentials_of_another_account_are_refused_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = open_session(replace(LOCAL, account="111122223333"))

    class Sts:
        def get_caller_identity(self) -> dict[str, str]:
            return {"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}

    # STS alone is a stand-in: the right account's answer cannot be had without that account.
    monkeypatch.setattr(type(session), "client", lambda _self, _service: Sts())
    with pytest.raises(Refused, match=r"is account 111122223333.*of account 000000000000"):
        session.check_account()


def test_that_it_is_not_aws_is_said_once_in_a_line_of_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with_keys_of_a_real_account(monkeypatch)

    class Sts:
        def get_caller_identity(self) -> dict[str, str]:
            return {"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}

    # STS alone is a stand-in: nobody listens at these ports.
    monkeypatch.setattr(Session, "client", lambda _self, _service: Sts())
    for port in ("45001", "45001", "45002"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        open_session(DEV).check_account()
    lines = capfd.readouterr().err.splitlines()
    assert [line.partition("at ")[2] for line in lines] == [
        "http://127.0.0.1:45001, not on AWS",
        "http://127.0.0.1:45002, not on AWS",
    ]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_expired_credentials_are_one_line_that_says_to_sign_in_again(code: str) -> None:
    error = ClientError(
        {"Error": {"Code": code, "Message": "The security token is expired"}}, "GetCallerIdentity"
    )
    line = explain(error, "environment dev")
    assert "credentials for environment dev have expired" in line
    assert "sign in again" in line
    assert "\n" not in line

"""The one place where a verb gets its AWS clients.

Local is an endpoint URL, never a branch: who names the endpoint brings the credentials.
`AWS_ENDPOINT_URL` in the environment comes with the environment's own credentials; an
endpoint URL of the settings comes with the settings' credentials; without either, the usual
AWS credential chain applies (docs/decisions/0001).
"""

import os
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound
from botocore.parsers import ResponseParserError

from config.settings import Settings
from scripts import console
from scripts.aws_errors import explain
from scripts.errors import Refused

# InvokeEndpoint may take 60 s (facts sheet B.2), so a read must be allowed a little longer.
_CLIENT_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=70
)
# A named endpoint that refuses a connection is not running: waiting does not change that.
_ENDPOINT_CONFIG: Final = _CLIENT_CONFIG.merge(
    Config(retries={"mode": "standard", "total_max_attempts": 2})
)
# botocore reads AWS_PROFILE even where it is given credentials; a profile that is missing or
# signed out must not stop work that has nothing to do with it.
_NO_PROFILE: Final = {"profile": (None, None, None, None)}
_ENDPOINT_VARIABLE: Final = "AWS_ENDPOINT_URL"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


TakenOn = MutableMapping[str, Any]
"""Roles that are taken on already, in botocore's words: who comes with a one-time code is asked for
it once, also where one role leads to another."""


class _EndpointClients(botocore.session.Session):
    """A botocore session whose own clients, too, talk to one endpoint; None is AWS itself.

    To take on a profile's role, botocore asks STS by a client of its own making; it must not ask
    AWS about the keys of a local cloud, nor the other way round (design D12).
    """

    def __init__(self, *, endpoint_url: str | None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.endpoint_url = endpoint_url

    def create_client(self, *positional: Any, **keywords: Any) -> Any:
        if self.endpoint_url is not None and keywords.get("endpoint_url") is None:
            keywords["endpoint_url"] = self.endpoint_url
        return super().create_client(*positional, **keywords)


class EndpointSession(boto3.Session):
    """A boto3 session all of whose clients talk to one endpoint.

    The SageMaker SDK makes its own clients from the session it is given; this is how they
    reach the same endpoint without touching the process's environment.
    """

    def __init__(self, core: _EndpointClients, **keywords: Any) -> None:
        super().__init__(botocore_session=core, **keywords)
        self.endpoint_url = core.endpoint_url

    # boto3-stubs types `client` by one overload per service; an override cannot repeat them.
    def client(self, *positional: Any, **keywords: Any) -> Any:
        if self.endpoint_url is not None:
            keywords.setdefault("endpoint_url", self.endpoint_url)
            keywords.setdefault("config", _ENDPOINT_CONFIG)
        keywords.setdefault("config", _CLIENT_CONFIG)
        return super().client(*positional, **keywords)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who a session speaks as, in the words of STS."""

    account: str
    arn: str


@dataclass(frozen=True, kw_only=True)
class Session:
    """One environment's way to AWS or to the cloud that stands in for it."""

    settings: Settings
    boto3: EndpointSession
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def endpoint_url(self) -> str | None:
        """The URL every client talks to; None is AWS itself."""
        return self.boto3.endpoint_url

    @property
    def region(self) -> str:
        return self.settings.region

    def client(self, service: str) -> Any:
        """A boto3 client, the same one each time. Callers annotate it with the service's type."""
        if service not in self._clients:
            self._clients[service] = self.boto3.client(service)
        return self._clients[service]

    def credentials(self) -> tuple[str, str, str | None]:
        """Access key id, secret access key and session token. Raises Refused without any."""
        found = self.boto3.get_credentials()
        if found is None:
            raise Refused(
                f"no AWS credentials found for environment {self.settings.name}; sign in "
                "(for example `aws sso login`) or set AWS_PROFILE, and repeat"
            )
        frozen = found.get_frozen_credentials()
        return str(frozen.access_key), str(frozen.secret_key), frozen.token or None

    def environment(self) -> dict[str, str]:
        """Variables that make a child process speak for the same caller to the same cloud."""
        access_key_id, secret_access_key, token = self.credentials()
        unwanted = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"}
        variables = {
            name: value
            for name, value in os.environ.items()
            # A service's own endpoint outranks the general one: it would lead past the account
            # that was checked (design D12).
            if name not in unwanted and not name.startswith(_ENDPOINT_VARIABLE)
        }
        variables |= {
            "AWS_ACCESS_KEY_ID": access_key_id,
            "AWS_SECRET_ACCESS_KEY": secret_access_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }
        if token is not None:
            variables["AWS_SESSION_TOKEN"] = token
        if self.endpoint_url is not None:
            variables[_ENDPOINT_VARIABLE] = self.endpoint_url
        return variables

    def caller(self) -> Caller:
        """Whose credentials these are. Raises Refused for none, and for some not accepted."""
        try:
            found = self.client("sts").get_caller_identity()
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise Refused(explain(error, f"environment {self.settings.name}")) from error
        return Caller(account=str(found["Account"]), arn=str(found["Arn"]))

    def check_account(self, remedy: str = "choose the right credentials or environment") -> str:
        """The caller's account id. Refused when it is not the environment's (design D12)."""
        account = self.caller().account
        if self.settings.endpoint_url is None and self.endpoint_url is not None:
            _say_not_on_aws(self.endpoint_url)
        wanted = self.settings.account
        if wanted is not None and account != wanted:
            raise Refused(
                f"environment {self.settings.name} is account {wanted}, but the caller's "
                f"credentials are of account {account}; nothing was changed; {remedy}"
            )
        return account


@cache
def _say_not_on_aws(endpoint_url: str) -> None:
    """Once in a process: a promotion has two sessions, and both are there."""
    console.say(f"{_ENDPOINT_VARIABLE} is set: working at {endpoint_url}, not on AWS")


def open_session(
    settings: Settings, profile: str | None = None, roles: TakenOn | None = None
) -> Session:
    """The session of an environment; reads nothing from the network.

    `profile` names a profile of the AWS configuration, whose credentials or role it takes then;
    None leaves the choice to the usual chain. Sessions that are given the same `roles` take each
    role on once among them. Raises Refused for endpoint variables that would lead past the account
    that is checked, and for a profile that does not exist.
    """
    override = os.environ.get(_ENDPOINT_VARIABLE) or None
    if override is not None:
        _check_url(override)
    if override is None and settings.endpoint_url is not None:
        own = settings.endpoint_credentials
        if profile is not None:
            raise Refused(
                f"environment {settings.name} brings the credentials for {settings.endpoint_url} "
                f"in its settings, and takes none from profile {profile}; leave the profile out, "
                f"or set {_ENDPOINT_VARIABLE}={settings.endpoint_url} to choose who you are there"
            )
        session = EndpointSession(
            _EndpointClients(endpoint_url=settings.endpoint_url, session_vars=_NO_PROFILE),
            region_name=settings.region,
            aws_access_key_id=own.access_key_id if own else None,
            aws_secret_access_key=own.secret_access_key if own else None,
        )
    else:
        session = _session_of_the_chain(settings, override, profile, roles)
    if session.endpoint_url is None:
        _refuse_partial_endpoints(settings)
    else:
        _reach_past_the_proxy(session.endpoint_url)
    return Session(settings=settings, boto3=session)


def _session_of_the_chain(
    settings: Settings, endpoint_url: str | None, profile: str | None, roles: TakenOn | None
) -> EndpointSession:
    core = _EndpointClients(endpoint_url=endpoint_url)
    try:
        session = EndpointSession(core, region_name=settings.region, profile_name=profile)
    except ProfileNotFound as error:
        raise Refused(
            f"{error} for environment {settings.name}; `aws configure list-profiles` names those "
            f"that there are: {'set AWS_PROFILE to' if profile is None else 'choose'} one of them"
        ) from error
    if roles is not None:
        chain = core.get_component("credential_provider")
        chain.get_provider("assume-role").cache = roles
    return session


def _check_url(url: str) -> None:
    if re.fullmatch(r"https?://[^/\s]+/?", url) is None:
        raise Refused(
            f"{_ENDPOINT_VARIABLE} is {url!r}, but must be a URL such as http://127.0.0.1:4566; "
            "correct it, or unset it"
        )


def _refuse_partial_endpoints(settings: Settings) -> None:
    for name in sorted(os.environ):
        if name.startswith(f"{_ENDPOINT_VARIABLE}_") and os.environ[name]:
            raise Refused(
                f"{name} would send some requests of environment {settings.name} elsewhere than "
                f"the others, past the account that is checked; unset it, or set "
                f"{_ENDPOINT_VARIABLE} for all of them"
            )


def _reach_past_the_proxy(endpoint_url: str) -> None:
    """A web proxy cannot reach this machine's loopback; clients and children read NO_PROXY."""
    if urlsplit(endpoint_url).hostname not in _LOOPBACK:
        return
    for name in ("NO_PROXY", "no_proxy"):
        known = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join([*known, *(host for host in _LOOPBACK if host not in known)])

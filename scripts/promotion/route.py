"""Two environments, and who may look at the one and write in the other."""

from dataclasses import dataclass

from config.settings import Settings
from scripts.errors import Refused
from scripts.session import Caller, Session, TakenOn, open_session


@dataclass(frozen=True, kw_only=True)
class Route:
    """From where, to where, and as whom; both accounts are those of the settings."""

    source: Session
    """Looks, and asks for a sample prediction; writes nothing."""

    target: Session
    """Reads the source's artifact, and writes the target's."""

    source_account: str
    caller: Caller
    """The target's: who promotes."""


def open_route(
    source_settings: Settings,
    target_settings: Settings,
    source_profile: str | None = None,
    target_profile: str | None = None,
) -> Route:
    """The way from one environment to the other, each with the credentials of its AWS profile.

    Raises Refused for two clouds that cannot see each other, for the wrong account, and for two
    accounts that the settings do not name (design D12).
    """
    # AWS takes a one-time code once, and the source's role may be taken on by the target's.
    roles: TakenOn = {}
    target = open_session(target_settings, target_profile, roles)
    source = open_session(source_settings, source_profile, roles)
    if source.endpoint_url != target.endpoint_url:
        raise Refused(
            f"environment {source_settings.name} is at {_place(source)}, and "
            f"{target_settings.name} at {_place(target)}: nothing is copied between them; set "
            "AWS_ENDPOINT_URL to the cloud that stands in for both, or promote between "
            "environments of one cloud"
        )
    source_account = source.check_account("choose the right credentials with --from-profile")
    target.check_account("choose the right credentials with --to-profile")
    caller = target.caller()
    _check_accounts(source_settings, source_account, target_settings, caller.account)
    return Route(source=source, target=target, source_account=source_account, caller=caller)


def _check_accounts(
    source: Settings, source_account: str, target: Settings, target_account: str
) -> None:
    if source_account == target_account:
        return
    for settings, account in ((source, source_account), (target, target_account)):
        if settings.account is None:
            raise Refused(
                f"environment {settings.name} names no account, and the two callers' accounts "
                f"differ ({source.name}: {source_account}, {target.name}: {target_account}); "
                f'set account="{account}" of {settings.name} in config/environments.py, or use '
                "credentials of one account"
            )


def _place(session: Session) -> str:
    return session.endpoint_url or "AWS"

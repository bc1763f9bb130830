"""The ways of models between environments: whence one gets them, and who gets them from it.

Said once, by the gates of the environment that a model comes to; the other end is derived.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from config.errors import require
from config.settings import Settings

_LONGEST_PREFIX: Final = 20


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """An environment's place on the way of a model."""

    source: Settings | None = None
    """The environment that has to serve a model before it comes here; None asks nobody."""

    source_account: str | None = None
    """The source's account where it is another than this environment's, else None. Where one of
    them is not decided yet, both are one trial account (design D12)."""

    reader_accounts: tuple[str, ...] = ()
    """The other accounts whose environments get their models from this one."""

    @classmethod
    def of(cls, settings: Settings, environments: Iterable[Settings]) -> Self:
        """The place of one environment among all; they have passed `check_promotions`."""
        known = tuple(environments)
        wanted = settings.gates.served_in
        source = next((each for each in known if each.name == wanted), None)
        return cls(
            source=source,
            source_account=_foreign_account(source, settings) if source else None,
            reader_accounts=tuple(
                sorted(
                    {
                        account
                        for each in known
                        if each.gates.served_in == settings.name
                        and (account := _foreign_account(each, settings)) is not None
                    }
                )
            ),
        )


def check_promotions(environments: Iterable[Settings]) -> None:
    """Raise ConfigurationError for a source that does not exist, or that can never have a model."""
    known = {settings.name: settings for settings in environments}
    for settings in known.values():
        way = [settings.name]
        while (source := known[way[-1]].gates.served_in) is not None:
            require(
                source in known,
                f"environment {way[-1]}: gates.served_in",
                found=source,
                limit=f"one of {', '.join(each for each in known if each != way[-1])}",
            )
            require(
                source not in way,
                f"environment {settings.name}: gates.served_in",
                found=source,
                limit="an environment that a model can reach without having been here: "
                f"{' <- '.join([*way, source])} is a circle",
            )
            way.append(source)
    for name in {settings.gates.served_in for settings in known.values()} - {None}:
        _check_names(known[str(name)])


def _check_names(source: Settings) -> None:
    """Who promotes knows the source's bucket and role by how CloudFormation begins their names."""
    require(
        len(source.prefix) <= _LONGEST_PREFIX,
        f"environment {source.name}: the length of {source.prefix!r}, app and name, of an "
        "environment that models are promoted from",
        found=len(source.prefix),
        limit=f"at most {_LONGEST_PREFIX}: CloudFormation shortens the names of buckets and roles "
        "that would be longer, and they would not be found",
        remedy="shorten settings.app or settings.name in config/environments.py",
    )


def _foreign_account(settings: Settings, than: Settings) -> str | None:
    """The account of an environment where it is certainly another than that of `than`."""
    if settings.account is None or than.account is None or settings.account == than.account:
        return None
    return settings.account

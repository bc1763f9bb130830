"""Who registers GitHub in which account: IAM takes an identity provider of a URL once."""

from collections.abc import Iterable

from config.errors import require
from config.settings import Settings


def check_providers(environments: Iterable[Settings]) -> None:
    """Raise ConfigurationError where two environments register GitHub in one account.

    IAM takes one provider of a URL; the second deployment would fail halfway. Environments
    without an account are one trial account (design D12).
    """
    registers: dict[str | None, str] = {}
    for settings in environments:
        if settings.pipeline is None or not settings.pipeline.creates_provider:
            continue
        first = registers.setdefault(settings.account, settings.name)
        require(
            first == settings.name,
            f"environment {settings.name}: pipeline.creates_provider",
            found=True,
            limit=f"False: environment {first} registers GitHub in the same account already",
        )

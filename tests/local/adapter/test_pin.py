"""Only the ministack that was measured is run (local/adapter/pin.py)."""

import pytest

from local.adapter import pin
from tests.checkout import CHECKOUT


def test_the_installed_version_is_the_pinned_one() -> None:
    pin.check()


def test_the_requirements_pin_the_same_version() -> None:
    assert f"ministack=={pin.REQUIRED}" in (CHECKOUT / "requirements-local.txt").read_text()


def test_another_version_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin, "REQUIRED", "0.0.1")
    with pytest.raises(pin.WrongEmulator, match=r"the local cloud needs 0\.0\.1; install it with"):
        pin.check()

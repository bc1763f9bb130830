"""Who promotes from where is said once; what follows for the other end is derived."""

from dataclasses import replace

import pytest

from config.environments import DEV, ENVIRONMENTS, PROD
from config.errors import ConfigurationError
from config.gates import GateSettings
from config.promotion import Promotion, check_promotions
from config.settings import Settings

GIVER, TAKER, OTHER = "111111111111", "222222222222", "333333333333"


def environment(name: str, source: str | None = None, account: str | None = None) -> Settings:
    return replace(DEV, name=name, account=account, gates=GateSettings(served_in=source))


def test_the_committed_environments_can_be_promoted_between() -> None:
    check_promotions(ENVIRONMENTS.values())
    assert Promotion.of(PROD, ENVIRONMENTS.values()).source == DEV


def test_an_account_reads_from_the_environment_that_its_models_come_from() -> None:
    giving = environment("giving", account=GIVER)
    taking = environment("taking", "giving", TAKER)
    also = environment("also", "giving", OTHER)
    known = (giving, also, taking, environment("apart", account=OTHER))
    assert Promotion.of(giving, known).reader_accounts == (TAKER, OTHER)
    assert Promotion.of(taking, known) == Promotion(source=giving, source_account=GIVER)
    assert Promotion.of(known[-1], known) == Promotion()


@pytest.mark.parametrize(
    ("giver", "taker"),
    [(None, None), (GIVER, GIVER), (GIVER, None), (None, TAKER)],
    ids=["neither decided", "one account", "taker undecided", "giver undecided"],
)
def test_what_is_not_certainly_another_account_is_granted_nothing_across(
    giver: str | None, taker: str | None
) -> None:
    giving, taking = environment("giving", account=giver), environment("taking", "giving", taker)
    known = (giving, taking)
    assert Promotion.of(giving, known).reader_accounts == ()
    assert Promotion.of(taking, known) == Promotion(source=giving)


def test_a_model_can_come_from_an_environment_that_gets_its_own_from_another() -> None:
    known = (
        environment("first", account=GIVER),
        environment("second", "first", TAKER),
        environment("third", "second", OTHER),
    )
    check_promotions(known)
    place = Promotion.of(known[1], known)
    assert (place.source_account, place.reader_accounts) == (GIVER, (OTHER,))


def test_an_unknown_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_promotions([environment("giving"), environment("taking", "given")])
    assert "environment taking: gates.served_in is 'given', but must be one of giving;" in str(
        refused.value
    )


@pytest.mark.parametrize(
    ("known", "circle"),
    [
        ([environment("alone", "alone")], "alone <- alone is a circle"),
        (
            [environment("one", "two"), environment("two", "three"), environment("three", "one")],
            "one <- two <- three <- one is a circle",
        ),
        (
            [environment("out", "one"), environment("one", "two"), environment("two", "one")],
            "out <- one <- two <- one is a circle",
        ),
    ],
    ids=["itself", "three", "beside it"],
)
def test_a_circle_is_refused(known: list[Settings], circle: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_promotions(known)
    assert circle in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_source_has_a_name_that_cloudformation_does_not_shorten() -> None:
    fits, long = environment("a" * 11), environment("a" * 12)
    check_promotions([fits, environment("taking", fits.name)])
    check_promotions([long])  # nobody promotes from it
    with pytest.raises(ConfigurationError, match="is 21, but must be at most 20"):
        check_promotions([long, environment("taking", long.name)])

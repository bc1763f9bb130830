"""Real-time against serverless, by hand calculation (facts sheet G.3's formula)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scripts.pricing import Usage, read_prices
from scripts.pricing.break_even import BreakEven, break_even, compare
from scripts.pricing.fleet import Fleet
from scripts.pricing.serverless import Serverless
from tests.unit.scripts.pricing.templates import endpoint, instances, scaled, serverless, template

HALF_A_SECOND = Usage(milliseconds_per_request=Decimal(500))


def _fleet(usd: str = "0.23", least: int = 1, most: int = 1) -> Fleet:
    price = Decimal(usd)
    return Fleet(name="fleet", usd=least * price, least=least, most=most, usd_of_one_more=price)


def _serverless(usd_per_second: str = "0.00004", at_once: int = 200) -> Serverless:
    return Serverless(
        name="serverless",
        usd_per_second=Decimal(usd_per_second),
        usd_per_hour=Decimal(0),
        at_once=at_once,
    )


def test_they_cost_the_same_at_the_hourly_price_over_the_price_of_a_request() -> None:
    found = break_even(_fleet(), _serverless("0.00008"), HALF_A_SECOND)
    # 0.23 USD an hour / (0.00008 USD a second x 0.5 s)
    assert found.requests_per_hour == Decimal(5750)
    assert found.instances == 1


def test_at_the_break_even_both_cost_the_same_and_beside_it_they_do_not() -> None:
    for factor, cheaper in ((Decimal("0.5"), "serverless"), (Decimal("1.01"), "fleet")):
        month = 5750 * 730 * factor
        usage = Usage(milliseconds_per_request=Decimal(500), requests_per_month=month)
        found = break_even(_fleet(), _serverless("0.00008"), usage)
        assert found.serverless_usd_now is not None
        assert found.realtime_usd_now == Decimal("167.90")
        assert found.cheaper_now == cheaper
        assert found.serverless_usd_now == pytest.approx(Decimal("167.90") * factor)


def test_a_fleet_that_cannot_carry_that_traffic_is_never_the_cheaper_one() -> None:
    # 0.23 / (0.00004 x 0.5) = 11,500 an hour, but an instance answers 7,200, one after another;
    # and each further instance costs what 11,500 requests do.
    found = break_even(_fleet(least=1, most=10), _serverless(), HALF_A_SECOND)
    assert found.requests_per_hour is None


def test_an_instance_that_answers_two_at_once_carries_it() -> None:
    usage = Usage(milliseconds_per_request=Decimal(500), requests_at_once=Decimal(2))
    found = break_even(_fleet(), _serverless(), usage)
    assert found.requests_per_hour == Decimal(11_500)


def test_a_shadow_makes_the_fleet_dearer_so_that_it_has_to_grow_first() -> None:
    # The shadow doubles the cost of the first instance; the second one costs as usual.
    shadowed = Fleet(
        name="fleet", usd=Decimal("0.46"), least=1, most=3, usd_of_one_more=Decimal("0.23")
    )
    found = break_even(shadowed, _serverless("0.00006"), HALF_A_SECOND)
    # One: 0.46 / 0.00003 = 15,333 > 7,200. Two: 0.69 / 0.00003 = 23,000 > 14,400.
    # Three: 0.92 / 0.00003 = 30,667 > 21,600.
    assert found.requests_per_hour is None
    found = break_even(shadowed, _serverless("0.0001"), HALF_A_SECOND)
    # One: 9,200 > 7,200. Two: 0.69 / 0.00005 = 13,800 <= 14,400.
    assert (found.requests_per_hour, found.instances) == (Decimal(13_800), 2)


@given(
    hourly=some.integers(1, 500),
    per_second=some.integers(1, 50),
    shadow=some.integers(0, 800),
    least=some.integers(1, 4),
    more=some.integers(0, 12),
)
def test_no_smaller_fleet_carries_what_serverless_answers_for_its_price(
    hourly: int, per_second: int, shadow: int, least: int, more: int
) -> None:
    price, extra = Decimal(hourly) / 100, Decimal(shadow) / 100
    fleet = Fleet(
        name="fleet",
        usd=least * price + extra,
        least=least,
        most=least + more,
        usd_of_one_more=price,
    )
    found = break_even(fleet, _serverless(str(Decimal(per_second) / 200_000)), HALF_A_SECOND)
    per_request = Decimal(per_second) / 400_000
    answers = {
        size: (size * price + extra) / per_request for size in range(least, least + more + 1)
    }
    carried = [size for size, requests in answers.items() if requests <= size * 7200]
    size = carried[0] if carried else fleet.most
    requests = answers[size] if carried else None
    assert (found.instances, found.requests_per_hour) == (size, requests)


def test_what_is_kept_warm_counts_against_serverless() -> None:
    warm = Serverless(
        name="serverless",
        usd_per_second=Decimal("0.0000233"),
        usd_per_hour=2 * 3600 * Decimal("0.00001"),
        at_once=5,
    )
    usage = Usage(milliseconds_per_request=Decimal(500), requests_at_once=Decimal(4))
    found = break_even(_fleet(), warm, usage)
    assert found.requests_per_hour == (Decimal("0.23") - Decimal("0.072")) / Decimal("0.00001165")
    dear = Serverless(
        name="serverless", usd_per_second=Decimal("0.0000233"), usd_per_hour=Decimal(1), at_once=5
    )
    assert break_even(_fleet(), dear, usage).requests_per_hour == 0


def test_traffic_that_an_endpoint_cannot_carry_has_no_cost_on_it() -> None:
    usage = Usage(milliseconds_per_request=Decimal(1000), requests_per_month=Decimal(730 * 10_000))
    found = break_even(_fleet(least=1, most=2), _serverless(at_once=2), usage)
    assert found.realtime_usd_now is None  # 10,000 an hour; two instances answer 7,200
    assert found.serverless_usd_now is None  # and two at once as many
    assert found.cheaper_now is None
    found = break_even(_fleet(least=1, most=3), _serverless(at_once=2), usage)
    assert found.realtime_usd_now == 3 * Decimal("0.23") * 730
    assert found.cheaper_now == "fleet"
    found = break_even(_fleet(least=1, most=2), _serverless(at_once=3), usage)
    assert found.cheaper_now == "serverless"


def _compared(*parts: dict[str, object], region: str = "us-east-1") -> BreakEven | None:
    return compare([template(*parts)], region, HALF_A_SECOND, read_prices())


def test_an_environment_is_compared_by_its_smallest_fleet() -> None:
    cold = endpoint(serverless(4096, at_once=20), name="darkroom-dev-serverless")
    found = _compared(endpoint(instances("ml.m5.xlarge", 3)), scaled(2, 6), cold)
    assert found is not None
    assert (found.fleet.least, found.fleet.most) == (2, 6)
    assert found.requests_per_hour == Decimal("0.46") / Decimal("0.00004")
    assert found.serverless_limit == 20 * 7200


def test_nothing_is_compared_without_both_endpoints_and_their_prices() -> None:
    cold = endpoint(serverless(), name="darkroom-dev-serverless")
    assert _compared(endpoint(instances())) is None
    assert _compared(cold) is None
    assert _compared(endpoint(instances("ml.p9.xlarge")), cold) is None
    warm = endpoint(serverless(4096, warm=1), name="darkroom-dev-serverless")
    assert _compared(endpoint(instances()), warm) is None
    assert _compared(endpoint(instances()), cold, region="sa-east-1") is None

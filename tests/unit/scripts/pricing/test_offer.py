"""What is taken from an offer file of the Price List, and what is left (facts sheet G.2)."""

from decimal import Decimal
from typing import Any

import pytest

from scripts.errors import Refused
from scripts.pricing.offer import read_offer, regions_of
from tests.unit.scripts.pricing.offers import Row, any_rows, offer, row

HOST = row("USE1-Host:ml.m5.xlarge", "0.23")


def _prices(*rows: Row) -> dict[str, Decimal]:
    found = read_offer(offer(list(rows)), "us-east-1")
    return {item.key: listed.usd for item, listed in found.prices.items()}


def test_every_meter_that_an_estimate_needs_is_taken_and_no_other() -> None:
    assert _prices(*any_rows()) == {
        "hosting:ml.m5.xlarge": Decimal("0.23"),
        "training:ml.m5.large": Decimal("0.115"),
        "serverless:3072": Decimal("0.00006"),
        "provisioned-usage:2048": Decimal("0.00001"),
        "provisioned-duration:2048": Decimal("0.0000233"),
        "hosting-volume": Decimal("0.14"),
        "hosting-data-in": Decimal("0.016"),
        "hosting-data-out": Decimal("0.016"),
    }


@pytest.mark.parametrize("prefix", ["", "EU-", "USE1-", "APS3-"])
def test_the_region_is_read_from_its_own_attribute_whatever_the_prefix(prefix: str) -> None:
    found = read_offer(offer(any_rows("eu-west-1", prefix)), "eu-west-1")
    assert len(found.prices) == 8


def test_a_product_of_another_region_is_left() -> None:
    other = row("USE2-Host:ml.m5.large", "0.1", region="us-east-2")
    assert set(_prices(HOST, other)) == {"hosting:ml.m5.xlarge"}
    assert regions_of(offer([HOST, other])) == ("us-east-1", "us-east-2")


def test_an_outpost_or_a_local_zone_is_no_region() -> None:
    zone = row("USE1-Host:ml.m5.large", "0.1", locationType="AWS Local Zone")
    assert set(_prices(HOST, zone)) == {"hosting:ml.m5.xlarge"}


def test_data_of_another_operation_than_invoking_is_left() -> None:
    other = row("USE1-Hst:Data-Bytes-In", "0.5", "GB", operation="Shadow-Test")
    assert set(_prices(HOST, other)) == {"hosting:ml.m5.xlarge"}


@pytest.mark.parametrize("usd", ["0.0000000000", "-1", "NaN", "Infinity", "cheap", "1e9"])
def test_what_is_no_price_above_zero_is_not_taken_for_one(usd: str) -> None:
    assert set(_prices(HOST, row("USE1-Host:ml.m5.large", usd))) == {"hosting:ml.m5.xlarge"}


def test_a_price_in_another_unit_is_not_taken_for_one_an_hour() -> None:
    other = row("USE1-Host:ml.m5.large", "3", unit="Days")
    assert set(_prices(HOST, other)) == {"hosting:ml.m5.xlarge"}


def test_a_type_with_two_prices_is_ambiguous_and_with_one_price_twice_is_not() -> None:
    twice = [HOST, HOST, *[row("USE1-Host:ml.m5.large", usd) for usd in ("0.115", "0.2")]]
    found = read_offer(offer(twice), "us-east-1")
    assert [item.key for item in found.prices] == ["hosting:ml.m5.xlarge"]
    assert [item.key for item in found.ambiguous] == ["hosting:ml.m5.large"]


def test_of_several_terms_the_newest_and_of_several_tiers_the_first_is_taken() -> None:
    document = offer([HOST])
    (sku,) = document["products"]
    (term,) = document["terms"]["OnDemand"][sku].values()
    (tier,) = term["priceDimensions"].values()
    later = tier | {"beginRange": "100", "pricePerUnit": {"USD": "0.1"}}
    term["priceDimensions"] = {"second": later, "first": tier}
    old_tier = tier | {"pricePerUnit": {"USD": "0.3"}}
    old = {"effectiveDate": "2024-01-01T00:00:00Z", "priceDimensions": {"only": old_tier}}
    document["terms"]["OnDemand"][sku] = {"new": term, "old": old}
    (listed,) = read_offer(document, "us-east-1").prices.values()
    assert listed.usd == Decimal("0.23")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (offer([HOST], offerCode="AmazonEC2"), "offer code is 'AmazonEC2'"),
        (offer([HOST], products=[]), "no object 'products'"),
        (offer([HOST], terms={}), "no object 'OnDemand'"),
        (offer([HOST], publicationDate="yesterday"), "'yesterday'"),
        (offer([]), "no price of an instance that hosts in region us-east-1"),
        (offer([row("USE1-Notebk:ml.m5.large", "1")]), "no price of an instance"),
        ({}, "offer code is None"),
    ],
)
def test_a_document_of_another_layout_is_refused(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_offer(document, "us-east-1")


def test_rows_that_are_not_what_they_should_be_are_left() -> None:
    document = offer([HOST])
    document["products"] |= {"a": None, "b": {}, "c": {"attributes": "text"}}
    document["terms"]["OnDemand"] |= {"b": [], "c": 7}
    assert len(read_offer(document, "us-east-1").prices) == 1

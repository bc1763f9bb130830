"""The price list in the repository, and files that are none."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from scripts.errors import Refused
from scripts.prices import command, show
from scripts.pricing.meters import Item, Meter
from scripts.pricing.snapshot import FILE, SourceKind, read_prices


def test_the_file_is_written_as_it_is_read() -> None:
    assert read_prices().to_text() == FILE.read_text(encoding="utf-8")


def test_every_price_can_be_looked_up_without_an_account() -> None:
    prices = read_prices()
    used = [price.source for known in prices.regions.values() for price in known.values()]
    assert set(used) == set(prices.sources)
    public = "pricing.us-east-1.amazonaws.com", "aws.amazon.com", "github.com"
    for source in prices.sources.values():
        assert source.text
        assert urlsplit(source.url).hostname in public
        assert source.url in str(source)
        assert source.read is None or source.read > date(2023, 1, 1)


def test_an_offer_of_aws_is_looked_up_in_the_region_of_its_prices() -> None:
    prices = read_prices()
    for region, known in prices.regions.items():
        for price in known.values():
            named = re.search(r"/([a-z]{2}-[a-z]+-\d)/index\.json", prices.source_of(price).url)
            assert named is None or named[1] == region


@pytest.mark.parametrize(
    ("item", "usd"),
    [
        ("hosting:ml.m5.xlarge", "0.23"),
        ("training:ml.m5.large", "0.115"),
        ("training:ml.g5.2xlarge", "1.515"),
        ("serverless:2048", "0.00004"),
        ("serverless:3072", "0.00006"),
        ("provisioned-usage:2048", "0.00001"),
        ("hosting-data-in", "0.016"),
    ],
)
def test_it_has_the_reference_figures_of_the_facts_sheet(item: str, usd: str) -> None:
    price = read_prices().find("us-east-1", Item.parse(item))
    assert price is not None
    assert str(price.usd) == usd


def test_a_tier_that_was_not_read_is_marked_as_derived() -> None:
    prices = read_prices()
    price = prices.find("us-east-1", Item(Meter.SERVERLESS, "4096"))
    assert price is not None
    assert prices.source_of(price).kind is SourceKind.DERIVED


SOURCE = {
    "kind": "price list",
    "read": "2026-11-22",
    "text": "AWS",
    "url": "https://aws.amazon.com/sagemaker/ai/pricing/",
}


def _changed(**different: Any) -> str:
    document: dict[str, Any] = {
        "schema": 1,
        "currency": "USD",
        "sources": {"list": SOURCE},
        "regions": {"us-east-1": {"kms-key": {"usd": "1", "source": "list"}}},
    }
    return json.dumps(document | different)


def _of(**price: Any) -> dict[str, Any]:
    return {"regions": {"us-east-1": {"kms-key": {"usd": "1", "source": "list"} | price}}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        _changed(schema=2),
        _changed(currency="EUR"),
        _changed(regions={"Frankfurt": {}}),
        _changed(regions={"us-east-1": {"hosting": {"usd": "1", "source": "list"}}}),
        _changed(regions={"us-east-1": {"kms-key:large": {"usd": "1", "source": "list"}}}),
        _changed(regions={"us-east-1": {"bandwidth": {"usd": "1", "source": "list"}}}),
        _changed(**_of(usd="0")),
        _changed(**_of(usd="-1")),
        _changed(**_of(usd=1)),
        _changed(**_of(usd="free")),
        _changed(**_of(usd="NaN")),
        _changed(**_of(source="hearsay")),
        _changed(sources={"list": SOURCE | {"kind": "guess"}}),
        _changed(sources={"list": SOURCE | {"read": "soon"}}),
        _changed(sources={"list": SOURCE | {"url": "a note that somebody has"}}),
        _changed(sources={"list": {"kind": "bill", "read": None, "text": "me"}}),
    ],
)
def test_a_file_that_is_no_price_list_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"price list prices\.json .*git checkout") as refused:
        read_prices(file)
    assert "\n" not in str(refused.value)


def test_a_valid_file_of_one_price_is_read(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(_changed(), encoding="utf-8")
    assert read_prices(file).find("us-east-1", Item(Meter.KMS_KEY)) is not None


def test_prices_without_a_verb_shows_all_of_them_with_their_sources() -> None:
    shown = CliRunner().invoke(command, [])
    assert shown.exit_code == 0
    for region, known in read_prices().regions.items():
        assert region in shown.stdout
        for item in known:
            assert str(item) in shown.stdout
    assert json.loads(CliRunner().invoke(command, ["--json"]).stdout) == json.loads(
        FILE.read_text(encoding="utf-8")
    )


def test_a_region_of_which_nothing_is_known_is_refused_with_the_verb_that_mends_it() -> None:
    with pytest.raises(Refused, match="darkroom prices refresh --region sa-east-1"):
        show(["sa-east-1"])
    only = CliRunner().invoke(command, ["show", "--region", "eu-central-1", "--json"])
    assert list(json.loads(only.stdout)["regions"]) == ["eu-central-1"]

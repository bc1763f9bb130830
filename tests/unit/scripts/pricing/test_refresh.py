"""`darkroom prices refresh` against a real server that serves files of AWS's layout."""

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from scripts.cdk import REPOSITORY
from scripts.errors import Refused
from scripts.prices import refresh
from scripts.pricing.download import load
from scripts.pricing.meters import Item
from scripts.pricing.offer import read_offer
from scripts.pricing.refresh import Refreshed, merge
from scripts.pricing.snapshot import FILE, read_prices
from tests.unit.scripts.pricing.offers import (
    INDEX_PATH,
    any_rows,
    encoded,
    index,
    offer,
    offer_path,
    row,
)

TODAY = date(2026, 11, 22)


@dataclass
class Answer:
    """What the server says to one path."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    held: threading.Event | None = None
    """Until it is set, the answer is not given."""

    stalled: threading.Event | None = None
    """Until it is set, nothing follows the first byte."""


@dataclass
class PriceList:
    """A server on loopback."""

    url: str
    answers: dict[str, Answer]
    asked: defaultdict[str, threading.Event]
    """By path: set once somebody asked for it."""

    @property
    def index(self) -> str:
        return f"{self.url}{INDEX_PATH}"


@pytest.fixture
def served() -> Iterator[PriceList]:
    answers: dict[str, Answer] = {}
    asked: defaultdict[str, threading.Event] = defaultdict(threading.Event)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path, Answer(b"", 404))
            asked[self.path].set()
            if answer.held is not None:
                answer.held.wait(60)
                return
            self.send_response(answer.status)
            headers = {"Content-Length": str(len(answer.body)), **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.stalled is not None:
                self.wfile.write(answer.body[:1])
                if answer.stalled.wait(5):
                    return
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            del format, args  # Nobody reads it.

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield PriceList(f"http://127.0.0.1:{server.server_port}", answers, asked)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of the repository's price list."""
    copy = tmp_path / "prices.json"
    copy.write_bytes(FILE.read_bytes())
    return copy


def _serve(served: PriceList, **regions: list[Any]) -> None:
    named = {name.replace("_", "-"): rows for name, rows in regions.items()}
    served.answers[INDEX_PATH] = Answer(encoded(index(*named)))
    for region, rows in named.items():
        served.answers[offer_path(region)] = Answer(encoded(offer(rows)))


def _refresh(origin: str, file: Path, *regions: str) -> Refreshed:
    return refresh(regions, origin, file=file, today=TODAY)


def test_a_region_is_taken_from_the_file_that_the_index_names(
    served: PriceList, file: Path
) -> None:
    _serve(served, eu_north_1=any_rows("eu-north-1", "EUN1-"))
    found = _refresh(served.index, file, "eu-north-1")
    assert {change.before for change in found.changes} == {None}
    price = read_prices(file).find("eu-north-1", Item.parse("hosting:ml.m5.xlarge"))
    assert price is not None
    assert price.usd == Decimal("0.23")
    source = read_prices(file).source_of(price)
    assert source.read == TODAY
    assert "version 20261104212151, published 2026-11-04" in source.text


def test_other_regions_and_what_has_offers_of_its_own_stay(served: PriceList, file: Path) -> None:
    before = read_prices(file)
    _serve(served, us_east_1=any_rows())
    _refresh(served.index, file, "us-east-1")
    after = read_prices(file)
    assert after.regions["eu-west-1"] == before.regions["eu-west-1"]
    for key in ("s3-standard", "kms-key", "alarm", "fast-alarm"):
        item = Item.parse(key)
        assert after.regions["us-east-1"][item] == before.regions["us-east-1"][item]


def test_what_changed_is_said_old_and_new_and_what_is_gone(served: PriceList, file: Path) -> None:
    rows = [
        row("USE1-Host:ml.m5.xlarge", "0.25"),
        row("USE1-Host:ml.m5.large", "0.115"),
        row("USE1-Host:ml.m9.large", "0.5"),
    ]
    _serve(served, us_east_1=rows)
    found = _refresh(served.index, file, "us-east-1")
    changes = {change.item.key: (change.before, change.after) for change in found.changes}
    assert changes["hosting:ml.m5.xlarge"] == (Decimal("0.23"), Decimal("0.25"))
    assert changes["hosting:ml.m9.large"] == (None, Decimal("0.5"))
    assert changes["training:ml.g5.xlarge"] == (Decimal("1.408"), None)
    assert "hosting:ml.m5.large" not in changes
    assert read_prices(file).find("us-east-1", Item.parse("training:ml.g5.xlarge")) is None


def test_the_same_offer_again_changes_nothing(served: PriceList, file: Path) -> None:
    _serve(served, us_east_1=any_rows())
    _refresh(served.index, file, "us-east-1")
    before = file.read_bytes()
    assert _refresh(served.index, file, "us-east-1").changes == ()
    assert file.read_bytes() == before


def test_a_saved_offer_file_needs_no_network_and_names_its_region(
    tmp_path: Path, file: Path
) -> None:
    saved = tmp_path / "index.json"
    saved.write_bytes(encoded(offer(any_rows("eu-south-1", "EUS1-"))))
    _refresh(str(saved), file)
    assert len(read_prices(file).regions["eu-south-1"]) == 8


def test_the_address_of_an_offer_file_will_do(served: PriceList, file: Path) -> None:
    _serve(served, us_east_1=any_rows())
    _refresh(f"{served.url}{offer_path('us-east-1')}", file)
    price = read_prices(file).find("us-east-1", Item.parse("serverless:3072"))
    assert price is not None
    assert price.sku is not None


def _whole() -> bytes:
    return encoded(offer(any_rows()))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"", 500), "answered with status 500"),
        (Answer(b"", 302, {"Location": "/elsewhere"}), "answered with status 302"),
        (Answer(_whole()[:-200]), "is no JSON"),
        (Answer(_whole()[:100], headers={"Content-Length": "90000"}), "cannot read"),
        (Answer(b"\xff\xfe\x00"), "is no JSON"),
        (Answer(b"[" * 100_000), "is no JSON"),
        (Answer(b"[]"), "no JSON object"),
        (Answer(b"{}"), "offer code is None"),
        (Answer(encoded(offer([]))), "no price of an instance"),
        (Answer(_whole(), headers={"Content-Encoding": "gzip"}), "compressed"),
    ],
)
def test_an_answer_that_is_no_offer_is_refused_and_the_file_is_as_before(
    served: PriceList, file: Path, answer: Answer, reason: str
) -> None:
    _serve(served, us_east_1=any_rows())
    served.answers[offer_path("us-east-1")] = answer
    before = file.read_bytes()
    with pytest.raises(Refused, match=reason) as refused:
        _refresh(served.index, file, "us-east-1")
    assert "\n" not in str(refused.value)
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_region_that_fails_keeps_the_ones_before_it_out_of_the_file(
    served: PriceList, file: Path
) -> None:
    _serve(served, eu_north_1=any_rows("eu-north-1", "EUN1-"), us_east_1=[])
    before = file.read_bytes()
    with pytest.raises(Refused):
        _refresh(served.index, file, "eu-north-1", "us-east-1")
    assert file.read_bytes() == before


def test_a_document_above_the_limit_is_refused_before_it_is_read_whole(
    served: PriceList, tmp_path: Path
) -> None:
    served.answers["/large"] = Answer(b" " * 300_000)
    with pytest.raises(Refused, match="larger than 100,000 bytes"):
        load(f"{served.url}/large", most_bytes=100_000)
    saved = tmp_path / "large.json"
    saved.write_bytes(b" " * 100_001)
    with pytest.raises(Refused, match="larger than 100,000 bytes"):
        load(str(saved), most_bytes=100_000)


def test_a_document_that_takes_too_long_is_refused(served: PriceList) -> None:
    served.answers["/slow"] = Answer(b"{}")
    with pytest.raises(Refused, match="takes too long"):
        load(f"{served.url}/slow", most_seconds=0)


def test_a_server_that_dribbles_is_given_up_before_it_has_filled_a_chunk(
    served: PriceList,
) -> None:
    stalled = threading.Event()
    served.answers["/slow"] = Answer(b"{}" * 100_000, stalled=stalled)
    try:
        with pytest.raises(Refused, match="takes too long: 1 bytes so far"):
            load(f"{served.url}/slow", most_seconds=0)
    finally:
        stalled.set()


def test_a_region_that_the_index_does_not_have_is_refused_by_name(
    served: PriceList, file: Path
) -> None:
    _serve(served, us_east_1=any_rows())
    with pytest.raises(Refused, match="no offer for ap-east-1; it has us-east-1"):
        _refresh(served.index, file, "ap-east-1")


def test_an_index_may_not_send_us_to_another_host(served: PriceList, file: Path) -> None:
    _serve(served, us_east_1=any_rows())
    document = index("us-east-1")
    document["regions"]["us-east-1"]["currentVersionUrl"] = "https://elsewhere.example/offer.json"
    served.answers[INDEX_PATH] = Answer(encoded(document))
    with pytest.raises(Refused, match="on another host"):
        _refresh(served.index, file, "us-east-1")


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        ("http://prices.example/index.json", "is not https"),
        ("file:///etc/hostname", "is not https"),
        ("http://127.0.0.1:1/index.json", "cannot read http://127.0.0.1:1/index.json"),
        ("/nowhere/offer.json", "cannot read /nowhere/offer.json"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(origin: str, reason: str, file: Path) -> None:
    with pytest.raises(Refused, match=reason):
        _refresh(origin, file, "us-east-1")


def test_a_saved_region_index_is_refused_because_it_only_names_addresses(
    tmp_path: Path, file: Path
) -> None:
    saved = tmp_path / "region_index.json"
    saved.write_bytes(encoded(index("us-east-1")))
    with pytest.raises(Refused, match="is a region index"):
        _refresh(str(saved), file, "us-east-1")


def test_a_region_that_is_none_is_refused_before_anything_is_read(file: Path) -> None:
    with pytest.raises(Refused, match="'Frankfurt' is no region"):
        _refresh("http://127.0.0.1:1/", file, "Frankfurt")


def test_an_ambiguous_price_is_not_known_any_more_and_is_named() -> None:
    rows = [row("USE1-Host:ml.m5.large", "0.1"), *[
        row("USE1-Host:ml.m5.xlarge", usd) for usd in ("0.2", "0.3")
    ]]  # fmt: skip
    found = merge(read_prices(), [read_offer(offer(rows), "us-east-1")], TODAY)
    assert found.ambiguous == ("hosting on ml.m5.xlarge in us-east-1",)
    assert found.prices.find("us-east-1", Item.parse("hosting:ml.m5.xlarge")) is None


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the CLI is made of: the verb renews the price list that lies beside it."""
    copy = tmp_path / "tree"
    for name in ("config", "dataset", "scripts", "algorithm/contract"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, copy / name, ignore=ignored)
    return copy


def _run(tree: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scripts", "prices", "refresh", *arguments],
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_prints_what_changed_and_writes_it(served: PriceList, tree: Path) -> None:
    _serve(served, us_east_1=[row("USE1-Host:ml.m5.xlarge", "0.253"), *any_rows()[1:]])
    with _run(tree, "--from", served.index, "--region", "us-east-1") as process:
        printed, advice = process.communicate(timeout=60)
    assert process.returncode == 0, advice
    assert "hosting on ml.m5.xlarge" in printed
    assert "$0.23 -> $0.253 an hour  +10.0 %" in printed
    assert "$1.408 -> not known" in printed
    assert "next: darkroom diff" in advice
    with _run(tree, "--from", served.index, "--region", "us-east-1", "--json") as process:
        printed, _ = process.communicate(timeout=60)
    assert json.loads(printed)["changes"] == []
    prices = read_prices(tree / "scripts/pricing/prices.json")
    price = prices.find("us-east-1", Item.parse("hosting:ml.m5.xlarge"))
    assert price is not None
    assert price.usd == Decimal("0.253")


def test_an_interruption_leaves_the_file_as_it_was(served: PriceList, tree: Path) -> None:
    _serve(served, us_east_1=any_rows())
    held = served.answers[offer_path("us-east-1")].held = threading.Event()
    file = tree / "scripts/pricing/prices.json"
    before = file.read_bytes()
    with _run(tree, "--from", served.index, "--region", "us-east-1") as process:
        try:
            assert served.asked[offer_path("us-east-1")].wait(60)
            process.send_signal(signal.SIGINT)
            _, advice = process.communicate(timeout=60)
        finally:
            held.set()
            process.kill()
    assert process.returncode == 130
    assert "interrupted" in advice
    assert file.read_bytes() == before


def test_without_a_network_the_command_refuses_in_one_line(tree: Path) -> None:
    with _run(tree, "--from", "http://127.0.0.1:1/index.json") as process:
        _, advice = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = (row for row in advice.splitlines() if row.startswith("darkroom: "))
    assert "the price list is as it was" in line

"""An offer file of AWS's Price List: what of it we use (facts sheet G.2).

Matched on usage type and region: of many rows the instance type's own column is empty, and the
region's prefix of a usage type is not always there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from scripts.errors import Refused
from scripts.pricing.meters import UNITS, Item, Meter
from scripts.pricing.snapshot import checked_usd

OFFER_CODE: Final = "AmazonSageMaker"
OFFERS: Final = f"https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{OFFER_CODE}"
"""Public, without credentials: below it are the offers by version and region (facts G.2)."""

_VERSION: Final = re.compile(r"\d{14}")

_TYPE: Final = r"(?P<size>ml\.[a-z0-9-]+\.[a-z0-9]+)"
_MEMORY: Final = r"(?P<gb>[1-9]\d?)GB"
# As the usage type ends; a prefix such as `USE1-` or `EU-` says the region once more.
_USAGE_TYPES: Final = {
    Meter.HOSTING: rf"Host:{_TYPE}",
    Meter.TRAINING: rf"Train:{_TYPE}",
    Meter.SERVERLESS: rf"ServerlessInf:Mem-{_MEMORY}",
    Meter.PROVISIONED_USAGE: rf"(?:ServerlessInf-)?ProvisionedConcurrency:Usage-{_MEMORY}",
    Meter.PROVISIONED_DURATION: rf"(?:ServerlessInf-)?ProvisionedConcurrency:Mem-{_MEMORY}",
    Meter.HOSTING_VOLUME: r"Host:VolumeUsage\.gp2",
    Meter.TRAINING_VOLUME: r"Train:VolumeUsage\.gp2",
    Meter.DATA_IN: r"(?:Hst:)?Data-Bytes-In",
    Meter.DATA_OUT: r"(?:Hst:)?Data-Bytes-Out",
}
OFFERED: Final = frozenset(_USAGE_TYPES)
"""The meters of this offer; S3, KMS and CloudWatch have offers of their own."""

_PATTERNS: Final = {
    meter: re.compile(rf"(?:[A-Z0-9]+-)?{pattern}") for meter, pattern in _USAGE_TYPES.items()
}
_AWS_UNITS: Final = {
    "hour": {"hrs", "hours", "hour"},
    "second": {"seconds", "second", "sec"},
    "GB-month": {"gb-mo", "gb-month"},
    "GB": {"gb"},
}
_IN_A_REGION: Final = {None, "AWS Region"}
"""The other location types, Outposts and Local Zones, have prices of their own."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A price as the offer lists it."""

    usd: Decimal
    sku: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One region of an offer file, as far as we use it."""

    region: str
    version: str
    published: datetime
    prices: Mapping[Item, Listed]
    ambiguous: tuple[Item, ...] = ()
    """Listed with several prices, so that none of them is taken."""

    @property
    def source(self) -> str:
        """In words, for whoever doubts a price."""
        day = self.published.date().isoformat()
        return (
            f"AWS Price List, {OFFER_CODE}, {self.region}, version {self.version}, published {day}"
        )

    @property
    def url(self) -> str:
        """Where AWS keeps this offer, wherever it was read from."""
        version = self.version if _VERSION.fullmatch(self.version) else "current"
        return f"{OFFERS}/{version}/{self.region}/index.json"


def regions_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The regions that an offer file has products of. Raises Refused as `read_offer` does."""
    with_region = (_attributes(product).get("regionCode") for product in _products(document))
    return tuple(sorted({str(region) for region in with_region if region}))


def read_offer(document: Mapping[str, Any], region: str) -> Offer:
    """What an offer file says of one region.

    Raises Refused for a document that is no offer of SageMaker's, and for one without a single
    price of an instance in the region: to take it would be to forget the prices we have.
    """
    products = _products(document)
    terms = _member(_member(document, "terms"), "OnDemand")
    listed: dict[Item, dict[Decimal, str]] = {}
    for product in products:
        item = _item(_attributes(product), region)
        sku = str(product.get("sku"))
        usd = _on_demand(terms.get(sku), item) if item else None
        if item and usd is not None:
            listed.setdefault(item, {})[usd] = sku
    if not any(item.meter is Meter.HOSTING for item in listed):
        raise Refused(
            f"the offer file has no price of an instance that hosts in region {region}; name "
            "another region with --region, or another file with --from"
        )
    return Offer(
        region=region,
        version=str(document.get("version") or "unknown"),
        published=_published(document),
        prices={
            item: Listed(usd=usd, sku=sku)
            for item, found in listed.items()
            if len(found) == 1
            for usd, sku in found.items()
        },
        ambiguous=tuple(sorted(item for item, found in listed.items() if len(found) > 1)),
    )


def _item(attributes: Mapping[str, Any], region: str) -> Item | None:
    if attributes.get("regionCode") != region:
        return None
    if attributes.get("locationType") not in _IN_A_REGION:
        return None
    usage_type = str(attributes.get("usagetype"))
    for meter, pattern in _PATTERNS.items():
        found = pattern.fullmatch(usage_type)
        if found and _is_of(meter, attributes):
            parts = found.groupdict()
            size = str(int(parts["gb"]) * 1024) if "gb" in parts else parts.get("size") or ""
            return Item(meter, size)
    return None


def _is_of(meter: Meter, attributes: Mapping[str, Any]) -> bool:
    """Whether the row is no other service's: data is metered for more than endpoints."""
    of_data = meter in {Meter.DATA_IN, Meter.DATA_OUT}
    return not of_data or attributes.get("operation") == "Invoke-Endpoint"


def _on_demand(offers: object, item: Item) -> Decimal | None:
    """The price of a unit now; of a price in tiers, the first one. None where there is none."""
    newest = max(_mappings(offers), key=lambda term: str(term.get("effectiveDate")), default={})
    for dimension in _mappings(newest.get("priceDimensions")):
        if str(dimension.get("beginRange") or "0") != "0":
            continue
        if str(dimension.get("unit")).lower() not in _AWS_UNITS[UNITS[item.meter]]:
            continue
        per_unit = dimension.get("pricePerUnit")
        text = per_unit.get("USD") if isinstance(per_unit, Mapping) else None
        try:
            # A row at zero is a free tier's or a built-in rule's, and no price of anything.
            return checked_usd(text)
        except (ValueError, InvalidOperation):
            continue
    return None


def _products(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if document.get("offerCode") != OFFER_CODE:
        raise Refused(
            f"the offer code is {document.get('offerCode')!r}, not {OFFER_CODE!r}; give the offer "
            "file of SageMaker or its region index"
        )
    return _mappings(_member(document, "products"))


def _attributes(product: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes = product.get("attributes")
    return attributes if isinstance(attributes, Mapping) else {}


def _member(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    if not isinstance(value, Mapping):
        raise Refused(
            f"the offer file has no object {name!r}; it is cut short or of another layout: fetch "
            "it again"
        )
    return value


def _mappings(values: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(values, Mapping):
        yield from (value for value in values.values() if isinstance(value, Mapping))


def _published(document: Mapping[str, Any]) -> datetime:
    text = str(document.get("publicationDate"))
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            f"the offer file's publicationDate is {text!r}, which is no time; fetch it again"
        ) from error

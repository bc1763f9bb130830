"""Offer files and region indexes in the layout of AWS's Price List (facts sheet G.2)."""

import json
from typing import Any

INDEX_PATH = "/offers/v1.0/aws/AmazonSageMaker/current/region_index.json"

Row = tuple[dict[str, str], str, str]
"""A product's attributes, the unit and the price."""


def row(
    usage_type: str, usd: str, unit: str = "Hrs", region: str = "us-east-1", **more: str
) -> Row:
    """One product with its price."""
    attributes = {
        "servicecode": "AmazonSageMaker",
        "location": "somewhere",
        "locationType": "AWS Region",
        "usagetype": usage_type,
        "operation": "RunInstance",
        "regionCode": region,
    }
    return attributes | more, unit, usd


def any_rows(region: str = "us-east-1", prefix: str = "USE1-") -> list[Row]:
    """One product of every kind that we use, and some that we do not."""
    data = {"operation": "Invoke-Endpoint"}
    return [
        row(f"{prefix}Host:ml.m5.xlarge", "0.2300000000", region=region),
        row(f"{prefix}Train:ml.m5.large", "0.1150000000", region=region),
        row(f"{prefix}ServerlessInf:Mem-3GB", "0.0000600000", "seconds", region),
        row(f"{prefix}ProvisionedConcurrency:Usage-2GB", "0.0000100000", "seconds", region),
        row(f"{prefix}ProvisionedConcurrency:Mem-2GB", "0.0000233000", "seconds", region),
        row(f"{prefix}Host:VolumeUsage.gp2", "0.1400000000", "GB-Mo", region),
        row(f"{prefix}Hst:Data-Bytes-In", "0.0160000000", "GB", region, **data),
        row(f"{prefix}Hst:Data-Bytes-Out", "0.0160000000", "GB", region, **data),
        row(f"{prefix}Notebk:ml.m5.xlarge", "0.2300000000", region=region),
        row(f"{prefix}AsyncInf:ml.m5.xlarge", "0.2400000000", region=region),
        row(f"{prefix}TrSpt:ml.m5.large", "0.0500000000", region=region),
        row(f"{prefix}Studio:JupyterLab-ml.m5.xlarge", "0.2500000000", region=region),
    ]


def offer(rows: list[Row], **different: Any) -> dict[str, Any]:
    """The offer file of these products."""
    products, terms = {}, {}
    for place, (attributes, unit, usd) in enumerate(rows):
        sku = f"SKU{place:013}"
        products[sku] = {"sku": sku, "productFamily": "ML Instance", "attributes": attributes}
        terms[sku] = {
            f"{sku}.JRTCKXETXF": {
                "sku": sku,
                "effectiveDate": "2026-10-01T00:00:00Z",
                "priceDimensions": {
                    f"{sku}.JRTCKXETXF.6YS6EN2CT7": {
                        "unit": unit,
                        "beginRange": "0",
                        "endRange": "Inf",
                        "pricePerUnit": {"USD": usd},
                    }
                },
            }
        }
    document = {
        "formatVersion": "v1.0",
        "offerCode": "AmazonSageMaker",
        "version": "20261104212151",
        "publicationDate": "2026-11-04T21:21:51Z",
        "products": products,
        "terms": {"OnDemand": terms, "Reserved": {}},
    }
    return document | different


def offer_path(region: str) -> str:
    return f"/offers/v1.0/aws/AmazonSageMaker/20261104212151/{region}/index.json"


def index(*regions: str) -> dict[str, Any]:
    """The region index of these regions."""
    return {
        "formatVersion": "v1.0",
        "publicationDate": "2026-11-04T21:21:51Z",
        "regions": {
            region: {"regionCode": region, "currentVersionUrl": offer_path(region)}
            for region in regions
        },
    }


def encoded(document: object) -> bytes:
    return json.dumps(document).encode()

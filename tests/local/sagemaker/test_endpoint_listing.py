"""ListEndpoints: filters, order and pages, over records alone."""

from typing import Any

import pytest

from local.sagemaker.endpoints import LISTING
from local.sagemaker.records import Endpoint
from tests.local.sagemaker.emulator import ACCOUNT, REGION


def endpoint(name: str, created: float, modified: float, status: str = "InService") -> Endpoint:
    return Endpoint(
        account=ACCOUNT,
        region=REGION,
        name=name,
        created=created,
        modified=modified,
        request={},
        status=status,
    )


RECORDS = [
    endpoint("beta", 100, 500),
    endpoint("Alpha-one", 200, 400, "Updating"),
    endpoint("gamma", 300, 300, "Failed"),
    endpoint("alpha-two", 400, 450),
]


def listed(**request: Any) -> list[str]:
    return [each["EndpointName"] for each in LISTING.page(RECORDS, request)["Endpoints"]]


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ({}, ["alpha-two", "gamma", "Alpha-one", "beta"]),
        ({"SortOrder": "Ascending"}, ["beta", "Alpha-one", "gamma", "alpha-two"]),
        (
            {"SortBy": "Name", "SortOrder": "Ascending"},
            ["Alpha-one", "alpha-two", "beta", "gamma"],
        ),
        (
            {"SortBy": "Status", "SortOrder": "Ascending"},
            ["gamma", "alpha-two", "beta", "Alpha-one"],
        ),
        ({"NameContains": "ALPHA"}, ["alpha-two", "Alpha-one"]),
        ({"StatusEquals": "Updating"}, ["Alpha-one"]),
        ({"StatusEquals": "Deleting"}, []),
        ({"CreationTimeAfter": 100, "CreationTimeBefore": 400}, ["gamma", "Alpha-one"]),
        ({"LastModifiedTimeAfter": 400}, ["alpha-two", "beta"]),
        ({"LastModifiedTimeBefore": 400}, ["gamma"]),
    ],
)
def test_endpoints_are_filtered_and_ordered(request_: dict[str, Any], names: list[str]) -> None:
    assert listed(**request_) == names


@pytest.mark.parametrize("sort_by", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_pages_put_together_are_the_whole_list(sort_by: str, order: str) -> None:
    asked = {"SortBy": sort_by, "SortOrder": order}
    seen: list[str] = []
    answer = LISTING.page(RECORDS, {**asked, "MaxResults": 1})
    while True:
        seen += [each["EndpointName"] for each in answer["Endpoints"]]
        if "NextToken" not in answer:
            break
        more = {"MaxResults": 1, "NextToken": answer["NextToken"]}
        answer = LISTING.page(RECORDS, {**asked, **more})
    assert seen == listed(**asked)
    assert len(seen) == len(RECORDS)


def test_a_summary_tells_when_and_in_which_status() -> None:
    (shown,) = LISTING.page(RECORDS, {"NameContains": "gamma"})["Endpoints"]
    assert shown == {
        "EndpointName": "gamma",
        "EndpointArn": RECORDS[2].arn,
        "CreationTime": 300,
        "LastModifiedTime": 300,
        "EndpointStatus": "Failed",
    }

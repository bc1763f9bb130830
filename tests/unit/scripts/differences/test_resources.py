"""Which resources go, and what goes with them."""

import json
from typing import Any

from scripts.differences.reading import Reader
from scripts.differences.replacement import replacing
from scripts.differences.resources import ResourceDifference, stack_differences
from scripts.differences.stateful import HOLDS
from tests.unit.scripts.differences.templates import Resource, bucket, resource, stack


def differences(
    before: dict[str, Resource], after: dict[str, Resource]
) -> dict[str, ResourceDifference]:
    (found,) = stack_differences([stack(before)], [stack(after)])
    return {each.path: each for each in found.resources}


def test_a_replaced_bucket_leaves_its_objects_behind() -> None:
    found = differences({"B": bucket()}, {"B": bucket(BucketName="photos")})
    each = found["Data/Photos/Bucket"]
    assert each.effect == "replaced"
    assert each.lost is not None
    assert "orphaned" in each.lost


def test_a_removed_bucket_that_nothing_keeps_takes_its_objects_with_it() -> None:
    loose = bucket() | {"DeletionPolicy": "Delete"}
    each = differences({"B": loose}, {})["Data/Photos/Bucket"]
    assert each.lost == "lost with it: its objects"


def test_a_bucket_that_is_no_longer_kept_is_told() -> None:
    loose = bucket() | {"DeletionPolicy": "Delete"}
    each = differences({"B": bucket()}, {"B": loose})["Data/Photos/Bucket"]
    assert each.lost is None
    assert each.unguarded == ("DeletionPolicy",)


def test_a_resource_at_another_path_is_another_resource() -> None:
    found = differences({"Old": bucket("Data/Old")}, {"New": bucket("Data/New")})
    assert (found["Data/New"].effect, found["Data/New"].moved) == ("added", "Data/Old")
    assert (found["Data/Old"].effect, found["Data/Old"].moved) == ("removed", "Data/New")
    assert found["Data/Old"].lost is not None


def test_a_type_that_our_stacks_do_not_have_is_looked_up_in_the_cdk() -> None:
    def table(**properties: object) -> Resource:
        return resource("AWS::DynamoDB::Table", "Data/Table", Properties=properties)

    found = differences({"T": table(TableName="a")}, {"T": table(TableName="b")})
    assert found["Data/Table"].effect == "replaced"
    found = differences({"T": table(BillingMode="a")}, {"T": table(BillingMode="b")})
    assert found["Data/Table"].effect == "in place"


def test_a_bucket_that_gets_a_condition_may_go_and_is_told_to() -> None:
    each = differences({"B": bucket()}, {"B": bucket() | {"Condition": "Never"}})
    found = each["Data/Photos/Bucket"]
    assert found.effect == "may be replaced"
    assert found.change.properties == ("Condition",)
    assert found.lost is not None


def test_what_is_no_property_and_no_function_that_we_know_is_shown_as_it_is() -> None:
    odd: Any
    for odd in ({"Fn::Join": []}, {"Fn::GetAtt": []}, {"Fn::Sub": {}}):
        assert Reader([]).text("dev/Data", odd) == json.dumps(odd)


def test_what_nobody_knows_may_be_replaced() -> None:
    def custom(value: str) -> Resource:
        return resource("Custom::Thing", "Data/Thing", Properties={"A": value})

    assert differences({"T": custom("1")}, {"T": custom("2")})["Data/Thing"].effect == (
        "may be replaced"
    )
    assert replacing("Custom::Thing") is None


def test_whatever_the_cdk_calls_stateful_is_in_our_table() -> None:
    import gzip
    import json

    from scripts.cdk import REPOSITORY

    with gzip.open(REPOSITORY / "node_modules" / "aws-cdk" / "db.json.gz") as file:
        entities = json.load(file)["schema"]["resource"]["entities"]
    stateful = {each["cloudFormationType"] for each in entities if each.get("isStateful")}
    assert stateful - set(HOLDS) == set()
    assert set(HOLDS) - {each["cloudFormationType"] for each in entities} == set()

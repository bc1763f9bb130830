"""The token and the literal of an environment's own account, region and partition."""

import pytest

from scripts.differences.home import Home

HERE = Home(account="111111111111", region="eu-central-1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("111111111111", "${AWS::AccountId}"),
        (
            "arn:${AWS::Partition}:sqs:eu-central-1:111111111111:q",
            "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:q",
        ),
        ("logs.eu-central-1.${AWS::URLSuffix}", "logs.${AWS::Region}.amazonaws.com"),
        ('["a", {"Ref": "AWS::AccountId"}]', '["a", "${AWS::AccountId}"]'),
        ("darkroom-111111111111-models", "darkroom-${AWS::AccountId}-models"),
    ],
)
def test_its_own_is_told_as_the_token(text: str, told: str) -> None:
    assert HERE.told(text) == told


@pytest.mark.parametrize(
    "text",
    ["arn:aws:iam::222222222222:root", "9111111111111", "${Support-eu-central-1/111111111111.Arn}"],
)
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert HERE.told(text) == text


def test_an_account_that_is_left_open_is_the_one_of_the_other_side() -> None:
    decided, region = {"account": "111111111111"}, {"region": "eu-central-1"}
    assert Home.of({**region, "account": None}, decided) == HERE
    assert Home.of({"account": "222222222222"}, decided).account == "222222222222"
    assert (
        Home.of({}, {}).told("arn:aws:sqs:eu-central-1:111111111111:q").endswith("111111111111:q")
    )


def test_other_partitions_follow_from_the_region() -> None:
    assert Home(region="cn-north-1").told("arn:${AWS::Partition}:s3:::b") == "arn:aws-cn:s3:::b"
    assert Home(region="us-gov-west-1").told("${AWS::Partition}") == "aws-us-gov"

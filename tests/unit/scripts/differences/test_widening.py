"""What is newly allowed, in words; narrower is told and not flagged."""

import json
from typing import Any

import pytest

from scripts.differences.policies import permissions_of
from scripts.differences.widening import Widening, widening
from tests.unit.scripts.differences.templates import (
    Resource,
    allow,
    bucket,
    policy,
    resource,
    role,
    stack,
)

SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
BUCKET = {"Fn::GetAtt": ["Photos", "Arn"]}
DRILL = {"Fn::Join": ["", [BUCKET, "/drill/*"]]}
EVERYBODY_ELSE = {"Photos": bucket(), "Reader": role(SAGEMAKER)}


def difference(
    before: dict[str, Resource], after: dict[str, Resource]
) -> tuple[list[str], list[str]]:
    found: Widening = widening(
        permissions_of([stack({**EVERYBODY_ELSE, **before})]),
        permissions_of([stack({**EVERYBODY_ELSE, **after})]),
    )
    return [str(each) for each in found.wider], [str(each) for each in found.narrower]


def test_a_new_action_is_named_with_who_may_do_it_and_on_what() -> None:
    old, new = (
        policy(allow("s3:GetObject", DRILL)),
        policy(allow(["s3:GetObject", "s3:DeleteObject"], DRILL)),
    )
    assert difference({"P": old}, {"P": new}) == (
        ["Data/Reader may now s3:DeleteObject on drill/* of Data/Photos/Bucket"],
        [],
    )
    assert difference({"P": new}, {"P": old}) == (
        [],
        ["Data/Reader may no longer s3:DeleteObject on drill/* of Data/Photos/Bucket"],
    )


def test_what_a_wildcard_allowed_already_is_not_new() -> None:
    old, new = policy(allow("s3:*", "*")), policy(allow(["s3:getobject", "s3:Put*"], DRILL))
    wider, narrower = difference({"P": old}, {"P": new})
    assert wider == []
    assert narrower == ["Data/Reader may no longer s3:* on everything (*)"]


def test_the_same_grant_in_another_place_is_no_change() -> None:
    inline = role(
        SAGEMAKER, Policies=[{"PolicyDocument": {"Statement": [allow("s3:GetObject", DRILL)]}}]
    )
    assert difference({"P": policy(allow("s3:GetObject", DRILL))}, {"Reader": inline}) == ([], [])


def test_an_import_from_another_stack_is_the_thing_itself() -> None:
    exported = {"E": {"Value": BUCKET, "Export": {"Name": "photos"}}}
    imported = {"Fn::Join": ["", [{"Fn::ImportValue": "photos"}, "/drill/*"]]}
    here = permissions_of(
        [stack({**EVERYBODY_ELSE, "P": policy(allow("s3:GetObject", DRILL))}, outputs=exported)]
    )
    there = permissions_of(
        [
            stack(EVERYBODY_ELSE, outputs=exported),
            stack({"P": policy(allow("s3:GetObject", imported))}, "dev/Serving"),
        ]
    )
    assert {each.resource for each in here.grants} == {each.resource for each in there.grants}


def test_another_account_that_may_assume_a_role_is_named() -> None:
    other = role({"AWS": "arn:aws:iam::222222222222:root"})
    wider, narrower = difference({}, {"Reader": other})
    assert wider == ["anybody of account 222222222222 may now assume role Data/Reader"]
    assert narrower == ["the service sagemaker.amazonaws.com may no longer assume role Data/Reader"]


def test_a_role_of_an_account_that_was_trusted_as_a_whole_is_narrower() -> None:
    whole = role({"AWS": "arn:aws:iam::222222222222:root"})
    one = role({"AWS": "arn:aws:iam::222222222222:role/Deployer"})
    wider, narrower = difference({"Reader": whole}, {"Reader": one})
    assert wider == []
    assert narrower == ["anybody of account 222222222222 may no longer assume role Data/Reader"]


@pytest.mark.parametrize(
    ("before", "after", "verb"),
    [
        ({"StringEquals": {"aws:SourceAccount": "1"}}, None, "taken away"),
        (
            {"StringEquals": {"aws:SourceAccount": "1"}},
            {"StringEquals": {"aws:SourceAccount": ["1", "2"]}},
            "weakened",
        ),
        (
            {"StringEquals": {"aws:SourceAccount": "1"}},
            {"StringLike": {"aws:SourceAccount": "1*"}},
            "weakened",
        ),
    ],
)
def test_a_condition_that_is_gone_or_weaker_is_named(
    before: dict[str, Any], after: dict[str, Any] | None, verb: str
) -> None:
    old, new = role(SAGEMAKER, Condition=before), role(SAGEMAKER, Condition=after)
    (sentence,), _ = difference({"Reader": old}, {"Reader": new})
    assert sentence.startswith(
        f"the condition aws:SourceAccount StringEquals 1 was {verb} from: the service "
        "sagemaker.amazonaws.com may assume role Data/Reader"
    )
    assert difference({"Reader": new}, {"Reader": old})[0] == []


def test_a_denial_that_is_gone_is_wider_unless_what_it_guarded_is_gone_too() -> None:
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": DRILL,
        "Condition": {"Bool": {"TLS": "false"}},
    }
    guard = resource(
        "AWS::S3::BucketPolicy",
        "Data/Photos/Policy",
        Properties={"Bucket": {"Ref": "Photos"}, "PolicyDocument": {"Statement": [denial]}},
    )
    wider, _ = difference({"Guard": guard}, {})
    assert wider == [
        "anybody is no longer denied s3:* on drill/* of Data/Photos/Bucket when TLS Bool false"
    ]
    before = permissions_of([stack({"Photos": bucket(), "Guard": guard})])
    assert widening(before, permissions_of([stack({})])) == Widening()


def test_a_policy_of_aws_that_allows_far_too_much_is_said_to() -> None:
    with_policy = role(
        SAGEMAKER,
        ManagedPolicyArns=[
            {
                "Fn::Join": [
                    "",
                    ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AmazonS3FullAccess"],
                ]
            }
        ],
    )
    wider, _ = difference({}, {"Reader": with_policy})
    assert wider == [
        "Data/Reader now has the policy AmazonS3FullAccess, which allows far more than it needs"
    ]


def test_a_boundary_that_is_taken_away_is_wider() -> None:
    bounded = role(SAGEMAKER, PermissionsBoundary="arn:aws:iam::1:policy/Limit")
    wider, _ = difference({"Reader": bounded}, {})
    assert wider == ["the permissions boundary Limit was taken away from Data/Reader"]


def test_who_is_new_is_said_to_be() -> None:
    wider, _ = difference(
        {},
        {
            "Writer": role(SAGEMAKER, path="Data/Writer"),
            "P": policy(allow("*", "*"), held_by="Writer"),
        },
    )
    assert "Data/Writer, which is new, may now do everything (*) on everything (*)" in wider


BEHIND_IF = {"Fn::If": ["Open", allow("s3:*", "*"), {"Ref": "AWS::NoValue"}]}


def _role_with(policies: object) -> Resource:
    return role(SAGEMAKER, Policies=policies)


@pytest.mark.parametrize(
    "after",
    [
        {"P": policy(BEHIND_IF)},
        {"P": resource("AWS::IAM::Policy", "Data/P", Properties={"PolicyDocument": BEHIND_IF})},
        {"Reader": _role_with([{"Fn::If": ["Open", {"PolicyDocument": {}}, {}]}])},
        {"Reader": _role_with({"Fn::If": ["Open", [], []]})},
        {"L": resource("AWS::Logs::ResourcePolicy", "L", Properties={"PolicyDocument": "{no"})},
    ],
)
def test_what_only_cloudformation_can_read_may_allow_anything(after: dict[str, Resource]) -> None:
    wider, _ = difference({}, after)
    assert [each for each in wider if "may now allow anything" in each] == wider != []
    assert difference(after, after) == ([], [])


def test_a_condition_behind_fn_if_is_not_taken_for_none() -> None:
    unsure = role(SAGEMAKER, Condition={"Fn::If": ["Open", {}, {"Bool": {"TLS": "true"}}]})
    (sentence,), _ = difference({"Reader": unsure}, {"Reader": role(SAGEMAKER)})
    assert "was taken away" in sentence


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::IAM::RolePolicy", {"RoleName": {"Ref": "Reader"}, "PolicyDocument": None}),
        ("AWS::SSO::PermissionSet", {"InlinePolicy": None}),
        ("AWS::KMS::ReplicaKey", {"KeyPolicy": None}),
    ],
)
def test_a_policy_is_found_wherever_it_stands(type_: str, properties: dict[str, Any]) -> None:
    document = {"Statement": allow("s3:GetObject", "*", Principal={"AWS": "*"})}
    filled = {name: value or document for name, value in properties.items()}
    wider, _ = difference({}, {"P": resource(type_, "Data/P", Properties=filled)})
    assert any("s3:GetObject" in each for each in wider)


def test_a_policy_that_is_a_text_is_read() -> None:
    statement = allow("logs:PutLogEvents", "*", Principal={"Service": "es.amazonaws.com"})
    text = json.dumps({"Statement": [statement]})
    wider, _ = difference(
        {}, {"L": resource("AWS::Logs::ResourcePolicy", "L", Properties={"PolicyDocument": text})}
    )
    assert wider == ["the service es.amazonaws.com may now logs:PutLogEvents on everything (*)"]


def test_who_may_do_more_has_one_line_at_the_top_with_the_widest_first() -> None:
    new = policy(
        allow("s3:GetObject", DRILL),
        allow("sagemaker:*", "*"),
        allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:2222:a"),
    )
    found = widening(
        permissions_of([stack(EVERYBODY_ELSE)]),
        permissions_of([stack({**EVERYBODY_ELSE, "P": new})]),
    )
    assert [str(each) for each in found.reasons] == [
        "Data/Reader may now sagemaker:* on everything (*); and 2 more statements, told below"
    ]
    assert len(found.wider) == 3


def test_an_arn_says_where_it_is_unless_that_is_here() -> None:
    def on(*arns: str) -> str:
        (sentence,), _ = difference({}, {"P": policy(allow("a:B", list(arns)))})
        return sentence.partition(" on ")[2]

    here = "arn:${AWS::Partition}:sagemaker:us-east-1:${AWS::AccountId}:model"
    assert on(f"{here}/a", f"{here}/b") == "model/a and model/b of sagemaker in us-east-1"
    assert on("arn:aws:sqs:*:222222222222:q") == "q of sqs in * of account 222222222222"
    assert on("arn:aws:s3:::photos/*") == "s3://photos/*"
    assert on("arn:aws-cn:s3:::photos/*") == "arn:aws-cn:s3:::photos/*"
    assert on("arn:aws:iam::${AWS::AccountId}:role/R") == "role/R of iam"


def test_everything_but_is_understood() -> None:
    wide = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    wider, _ = difference({"P": policy(allow("s3:*", "*"))}, {"P": policy(wide)})
    assert wider == ["Data/Reader may now do everything but iam:* on everything (*)"]
    assert difference({"P": policy(wide)}, {"P": policy(allow("s3:GetObject", DRILL))})[0] == []


def test_a_key_and_a_function_are_guarded_as_well() -> None:
    anybody = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:Decrypt",
        "Resource": "*",
    }
    key = resource("AWS::KMS::Key", "Data/Key", Properties={"KeyPolicy": {"Statement": [anybody]}})
    permission = resource(
        "AWS::Lambda::Permission",
        "Data/Permission",
        Properties={
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "Function"},
            "Principal": "s3.amazonaws.com",
            "SourceAccount": "1",
        },
    )
    function = resource("AWS::Lambda::Function", "Data/Function", Properties={})
    wider, _ = difference({}, {"Key": key, "Permission": permission, "Function": function})
    assert wider == [
        "anybody may now kms:Decrypt on Data/Key",
        (
            "the service s3.amazonaws.com may now lambda:InvokeFunction on Data/Function when "
            "aws:SourceAccount StringEquals 1"
        ),
    ]

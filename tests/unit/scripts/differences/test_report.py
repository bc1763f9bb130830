"""A whole report, from two synths made by hand: reasons, comment, screen, JSON."""

import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from config.training import TrainingSettings
from scripts.differences.comment import LIMIT, MARK, comment
from scripts.differences.composition import document_of
from scripts.differences.concerns import Why
from scripts.differences.costs import Limit
from scripts.differences.report import Report, report
from scripts.differences.screen import screen
from scripts.differences.sides import Side
from scripts.differences.synths import Synth, SynthesizedEnvironment
from scripts.errors import Refused
from scripts.pricing import Usage, read_prices
from scripts.pricing.training import training_lines
from tests.releases import any_release
from tests.unit.scripts.differences.templates import (
    Resource,
    allow,
    bucket,
    policy,
    resource,
    role,
    stack,
)

BASE, HEAD = Side(commit="a" * 40), Side(commit="b" * 40)
COMMAND = "darkroom diff --base aaaaaaaaa"
NASTY = "x` | <script>alert(1)</script> @everyone #1 \x1b[31m \u202e ](http://evil) **"


def endpoint(instances: int, instance_type: str = "ml.m5.large") -> dict[str, Resource]:
    return {
        "Config": resource(
            "AWS::SageMaker::EndpointConfig",
            "Serving/Config",
            Properties={
                "ProductionVariants": [
                    {
                        "VariantName": "champion",
                        "ModelName": "m",
                        "InitialInstanceCount": instances,
                        "InstanceType": instance_type,
                    }
                ]
            },
        ),
        "Endpoint": resource(
            "AWS::SageMaker::Endpoint",
            "Serving/Endpoint",
            Properties={
                "EndpointName": "darkroom-dev-realtime",
                "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
            },
        ),
    }


def synth(resources: dict[str, Resource], **more: Any) -> Synth:
    errors = more.pop("errors", ())
    environment = SynthesizedEnvironment(
        name="dev", region="us-east-1", stacks=(stack(resources, errors=errors),), **more
    )
    return Synth(environments={"dev": environment})


def reported(before: Synth, after: Synth, limit: Limit | None = None) -> Report:
    return report(BASE, HEAD, (before, after), limit or Limit(), read_prices())


def reasons(found: Report) -> set[Why]:
    return {each.why for each in found.concerns}


def shown(found: Report, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=True, color_system=None).print(
        screen(document_of(found))
    )
    return file.getvalue()


def test_nothing_that_changes_needs_nobody() -> None:
    same = synth(endpoint(1), release=any_release())
    found = reported(same, same)
    assert found.concerns == ()
    assert "No environment changes." in comment(document_of(found), COMMAND)
    assert "no environment changes" in shown(found, 80)


def test_a_removed_endpoint_and_a_replaced_bucket_need_a_second_look() -> None:
    before = synth({"B": bucket(), **endpoint(1)})
    after = synth({"B": bucket(BucketName="photos")})
    assert reasons(reported(before, after)) == {Why.STATEFUL, Why.ENDPOINT}


def test_an_endpoint_under_another_name_is_two_to_those_who_call_it() -> None:
    renamed = json.loads(json.dumps(endpoint(1)))
    renamed["Endpoint"]["Properties"]["EndpointName"] = "darkroom-dev-other-realtime"
    found = reported(synth(endpoint(1)), synth(renamed))
    assert [(each.why, str(each.text)) for each in found.concerns] == [
        (
            Why.ENDPOINT,
            "darkroom-dev-other-realtime is made anew: callers have to follow",
        ),
        (Why.ENDPOINT, "darkroom-dev-realtime is removed and stops answering"),
    ]


def test_conditions_and_mappings_that_differ_are_not_taken_for_outputs() -> None:
    def with_(**sections: Any) -> Synth:
        one = stack({"B": bucket()})
        one = replace(one, template={**one.template, **sections})
        environment = SynthesizedEnvironment(name="dev", region="us-east-1", stacks=(one,))
        return Synth(environments={"dev": environment})

    found = reported(with_(Conditions={"Open": {"Fn::Equals": [1, 1]}}), with_())
    assert reasons(found) == {Why.NOT_COMPARED}
    assert "Conditions" in shown(found, 80)
    assert reasons(reported(with_(), with_(Outputs={"A": {"Value": "a"}}))) == set()


def test_an_endpoint_without_a_name_is_compared_all_the_same() -> None:
    nameless = json.loads(json.dumps(endpoint(1)))
    del nameless["Endpoint"]["Properties"]["EndpointName"]
    assert Why.ENDPOINT in reasons(reported(synth(endpoint(1)), synth(nameless)))


def test_the_title_of_an_environment_is_no_mention() -> None:
    odd = replace(synth({"B": bucket()}).environments["dev"], name="@all<b>")
    found = reported(Synth(), Synth(environments={"@all<b>": odd}))
    text = comment(document_of(found), COMMAND)
    assert "<summary><b><code>@all&lt;b&gt;</code> (new)</b></summary>" in text


def test_a_base_that_head_did_not_grow_from_is_said() -> None:
    same = synth({})
    found = report(BASE, HEAD, (same, same), Limit(), read_prices(), aside=True)
    assert "has commits that bbbbbbbbb was not made from" in str(found.notes[0])


def test_an_endpoint_that_becomes_serverless_is_blocked() -> None:
    serverless = json.loads(json.dumps(endpoint(1)))
    (variant,) = serverless["Config"]["Properties"]["ProductionVariants"]
    del variant["InstanceType"], variant["InitialInstanceCount"]
    variant["ServerlessConfig"] = {"MaxConcurrency": 5, "MemorySizeInMB": 2048}
    found = reported(synth(endpoint(1)), synth(serverless))
    assert reasons(found) == {Why.BLOCKED}
    assert "no update does that" in str(found.concerns[0].text)


def test_a_removed_environment_says_so_for_whatever_it_held() -> None:
    found = reported(synth({"B": bucket()}), Synth())
    assert reasons(found) == {Why.STATEFUL, Why.STACK}
    assert found.environments[0].removed


def test_what_synth_marked_needs_a_second_look_once_for_all_its_stacks() -> None:
    stacks = (stack({}, errors=("no proof",)), stack({}, "dev/Serving", errors=("no proof",)))
    environment = SynthesizedEnvironment(name="dev", region="us-east-1", stacks=stacks)
    found = reported(Synth(), Synth(environments={"dev": environment}))
    assert [str(each.text) for each in found.concerns] == ["dev/Data, dev/Serving: no proof"]


def test_a_worse_model_needs_a_second_look_and_a_better_one_none() -> None:
    good = synth(endpoint(1), release=any_release(metrics={"validation_accuracy": 0.9}))
    poor = synth(endpoint(1), release=any_release(metrics={"validation_accuracy": 0.8}))
    assert reasons(reported(good, poor)) == {Why.ACCURACY}
    assert reasons(reported(poor, good)) == set()


def test_a_dearer_month_counts_above_both_limits_only() -> None:
    before, after = synth(endpoint(1)), synth(endpoint(2))
    assert reasons(reported(before, after)) == {Why.COST}
    dear = Limit(percent=Decimal(20), usd=Decimal(10_000))
    assert reasons(reported(before, after, dear)) == set()
    rare = Limit(percent=Decimal(500), usd=Decimal(1))
    assert reasons(reported(before, after, rare)) == set()
    assert reasons(reported(after, before)) == set()


def test_a_price_that_nobody_knows_is_named() -> None:
    found = reported(synth(endpoint(1)), synth(endpoint(1, "ml.unheard.of")))
    assert "ml.unheard.of" in comment(document_of(found), COMMAND).split("no known price")[1]


def test_an_environment_that_aws_does_not_bill_has_no_cost() -> None:
    here = {"endpoint_url": "http://127.0.0.1:4566"}
    found = reported(synth(endpoint(1), settings=here), synth(endpoint(9), settings=here))
    assert found.environments[0].cost is None


def test_a_month_has_the_training_that_darkroom_cost_has() -> None:
    settings = {"training": {"": "TrainingSettings", "instance_type": "ml.g5.xlarge"}}
    before, after = synth({}), synth({}, settings=settings)
    cost = reported(before, after).environments[0].cost
    assert cost is not None
    lines = training_lines(
        TrainingSettings(instance_type="ml.g5.xlarge"),
        Usage().training_hours_per_month,
        "us-east-1",
        read_prices(),
    )
    assert not cost.before.lines
    assert cost.after.lines == lines
    removed = reported(after, Synth()).environments[0].cost
    assert removed is not None
    assert not removed.after.lines


def test_an_account_that_is_decided_changes_nobodys_permissions() -> None:
    """The settings say whose account it is; another's in its place is news."""

    def of(account: str | None, trusted: object) -> Synth:
        where = {"Fn::Join": ["", ["arn:aws:sqs:us-east-1:", trusted, ":q"]]}
        condition = {"StringEquals": {"aws:SourceAccount": trusted}}
        held = policy(allow("sqs:SendMessage", where), allow("s3:List*", "*", Condition=condition))
        trust = {"AWS": {"Fn::Join": ["", ["arn:aws:iam::", trusted, ":root"]]}}
        settings = {"account": account, "region": "us-east-1"}
        return synth({"Reader": role(trust), "P": held}, settings=settings)

    token, one, other = {"Ref": "AWS::AccountId"}, "111111111111", "222222222222"
    undecided = of(None, token)
    for before, after in ((undecided, of(one, one)), (of(one, one), undecided)):
        assert not reported(before, after).environments[0].permissions
    found = reported(undecided, of(one, other)).environments[0].permissions
    assert len(found.wider) == 3
    assert all(other in str(each) for each in found.wider)


def test_a_limit_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refused, match="--cost-usd is NaN"):
        Limit(usd=Decimal("NaN"))


def test_a_release_that_cannot_be_read_is_said() -> None:
    found = reported(synth({}), synth({}, unreadable="dev.json is not JSON"))
    assert reasons(found) == {Why.NOT_COMPARED}
    assert "dev.json is not JSON" in shown(found, 80)


def test_what_the_repository_says_is_no_markup_no_mention_and_no_escape_sequence() -> None:
    settings = ({"name": "dev", "words": "a"}, {"name": "dev", "words": NASTY})
    before, after = (synth({}, settings=each, errors=(NASTY,)) for each in settings)
    found = reported(before, after)
    text = comment(document_of(found), COMMAND)
    # Whatever stands between a run of backticks and the next as long is code: nothing is left.
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    for part in ("script", "@everyone", "evil"):
        assert part in text
        assert part not in outside
    for sign in ("\x1b", "\u202e"):
        assert sign not in text
        assert sign not in shown(found, 80)
    rows = [line for line in text.splitlines() if line.startswith("| `words`")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [4]


def test_a_comment_is_never_above_the_limit_and_says_what_it_leaves_out() -> None:
    many = {f"B{n}": bucket(f"Data/Photos{n}/Bucket") for n in range(3000)}
    text = comment(document_of(reported(synth(many), synth({}))), COMMAND)
    assert len(text.encode()) <= LIMIT
    assert text.startswith(f"{MARK}\n")
    assert text.count("<details>") == text.count("</details>") == 1
    left_out = [line for line in text.splitlines() if "more lines" in line]
    assert len(left_out) == 2
    assert all(COMMAND in line for line in left_out)


@pytest.mark.parametrize("limit", [2_000, 5_000, 20_000])
def test_a_small_limit_is_kept_as_well(limit: int) -> None:
    settings = [{"name": f"{n}", **{f"m{i}": "é" * n for i in range(50)}} for n in (1, 2)]
    before, after = (synth(endpoint(n), settings=settings[n - 1]) for n in (1, 2))
    found = reported(before, after)
    assert len(comment(document_of(found), COMMAND, limit).encode()) <= limit


@pytest.mark.parametrize("width", [80, 120])
def test_a_screen_fits_the_terminal_and_loses_nothing(width: int) -> None:
    before = synth({"B": bucket(), **endpoint(1)}, release=any_release())
    after = synth(
        {"B": bucket(BucketName="p"), **endpoint(2)}, release=any_release(trained="second")
    )
    text = shown(reported(before, after), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    assert "darkroom-dev-second" in text


def test_the_same_synths_make_the_same_report_byte_by_byte() -> None:
    before, after = synth(endpoint(1)), synth({"B": bucket(), **endpoint(2)})
    one, other = reported(before, after), reported(before, after)
    assert json.dumps(one.to_value()) == json.dumps(other.to_value())
    assert comment(document_of(one), COMMAND) == comment(document_of(other), COMMAND)


def test_a_variant_that_leaves_under_a_canary_blocks_the_rollout() -> None:
    def canary(variant: str) -> Synth:
        resources = json.loads(json.dumps(endpoint(2)))
        resources["Config"]["Properties"]["ProductionVariants"][0]["VariantName"] = variant
        size = {"Type": "INSTANCE_COUNT", "Value": 1}
        routing = {"Type": "CANARY", "CanarySize": size, "WaitIntervalInSeconds": 60}
        resources["Endpoint"]["Properties"]["DeploymentConfig"] = {
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}
        }
        return synth(resources)

    found = reported(canary("champion"), canary("other"))
    assert reasons(found) == {Why.BLOCKED}
    assert "needs the same ones before and after" in shown(found, 200)


def test_the_reason_for_each_environment_is_said_once() -> None:
    two = replace(synth({"B": bucket()}))
    both = Synth(
        environments={name: replace(two.environments["dev"], name=name) for name in ("dev", "prod")}
    )
    emptied = Synth(
        environments={
            name: replace(each, stacks=(stack({}),)) for name, each in both.environments.items()
        }
    )
    found = reported(both, emptied)
    assert len(found.concerns) == 2
    assert len(document_of(found).reasons) == 1

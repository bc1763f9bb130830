"""Rule findings end synth; those that are accepted are still needed."""

from pathlib import Path

import pytest
from aws_cdk import CloudFormationValidatePlugin, Stack, Stage, Validations
from aws_cdk import aws_s3 as s3

from config.environments import DEV
from stacks.acknowledgements import ACKNOWLEDGEMENTS, Acknowledgement
from tests.stacks.assembly import application
from tests.stacks.plans import PLANS, RELEASES


def test_every_acknowledgement_is_needed_by_a_finding(matched: set[Acknowledgement]) -> None:
    unneeded = [a for a in ACKNOWLEDGEMENTS if a not in matched]
    assert unneeded == []


def test_a_finding_that_nobody_acknowledged_ends_synth(tmp_path: Path) -> None:
    app = application(tmp_path, environments=[DEV], releases=[])
    # At the very path of an acknowledgement, but another rule.
    stack = Stack(Stage(app, "other"), "Training")
    s3.Bucket(stack, "Operator")
    with pytest.raises(RuntimeError, match=r"AwsSolutions-S1") as failure:
        app.synth()
    assert "other/Training/Operator" in str(failure.value)
    assert "AwsSolutions-IAM5" not in str(failure.value)


def test_the_cdks_own_template_rules_find_nothing(tmp_path: Path) -> None:
    # Together they hold every kind of resource; the committed ones hold no other.
    app = application(tmp_path, environments=PLANS.values(), releases=RELEASES.values())
    Validations.of(app).add_plugins(CloudFormationValidatePlugin())
    app.synth()

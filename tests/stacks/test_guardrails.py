"""Rule findings end synth; those that are accepted are still needed."""

from pathlib import Path

import pytest
from aws_cdk import CloudFormationValidatePlugin, Stack, Stage, Validations
from aws_cdk import aws_s3 as s3

from config.environments import DEV, ENVIRONMENTS
from stacks.guardrails import ACKNOWLEDGEMENTS, Guardrails
from tests.stacks.assembly import application, release_of


def test_every_acknowledgement_is_needed_by_a_finding(guardrails: Guardrails) -> None:
    unneeded = [a for a in ACKNOWLEDGEMENTS if a not in guardrails.matched]
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
    app = application(tmp_path, releases=map(release_of, ENVIRONMENTS.values()))
    Validations.of(app).add_plugins(CloudFormationValidatePlugin())
    app.synth()

"""The CDK's bootstrap is asked for what it lacks, and nobody is put out by it."""

from typing import Any

import pytest

from config.bootstrap import BootstrapSettings
from scripts.toolkit import NO_TOOLKIT, Toolkit

PIPELINE, OTHER = "111111111111", "222222222222"
POLICY = "arn:aws:iam::aws:policy/PowerUserAccess"
OTHER_POLICY = "arn:aws:iam::222222222222:policy/deploy"
TRUSTING = BootstrapSettings(trusted_accounts=(PIPELINE,), execution_policies=(POLICY,))


def deployed(
    trusted: str = "", lookup: str = "", policies: str = "", status: str = "UPDATE_COMPLETE"
) -> Toolkit:
    values = {
        "TrustedAccounts": trusted,
        "TrustedAccountsForLookup": lookup,
        "CloudFormationExecutionPolicies": policies,
        "Qualifier": "hnb659fds",
    }
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    stack: Any = {
        "StackName": "CDKToolkit",
        "StackStatus": status,
        "Parameters": parameters,
    }
    return Toolkit.read(stack)


def test_a_bootstrap_that_nothing_is_asked_of_is_what_the_cdk_makes_it() -> None:
    assert NO_TOOLKIT.arguments(BootstrapSettings()) == []
    assert deployed() == NO_TOOLKIT
    assert deployed(PIPELINE, PIPELINE, POLICY).satisfies(BootstrapSettings())


def test_a_trusted_account_may_deploy_and_look_under_the_policies_of_the_settings() -> None:
    assert NO_TOOLKIT.arguments(TRUSTING) == [
        *("--trust", PIPELINE),
        *("--trust-for-lookup", PIPELINE),
        *("--cloudformation-execution-policies", POLICY),
    ]


@pytest.mark.parametrize(
    "found",
    [
        deployed(),
        deployed(OTHER, OTHER, POLICY),
        deployed(PIPELINE, "", POLICY),
        deployed("", PIPELINE, POLICY),
        deployed(PIPELINE, PIPELINE, ""),
        deployed(PIPELINE, PIPELINE, f"{POLICY},{OTHER_POLICY}"),
    ],
    ids=["nothing", "another", "no look-up", "look-up alone", "every right", "more rights"],
)
def test_a_bootstrap_that_lacks_what_is_asked_for_is_made_again(found: Toolkit) -> None:
    assert not found.satisfies(TRUSTING)


def test_a_bootstrap_that_has_it_is_left_alone() -> None:
    both = f"{OTHER},{PIPELINE}"
    assert deployed(both, both, POLICY).satisfies(TRUSTING)


def test_whoever_is_trusted_already_stays_trusted_and_is_named() -> None:
    found = deployed(OTHER, OTHER, OTHER_POLICY)
    arguments = found.arguments(TRUSTING)
    assert arguments[:4] == ["--trust", PIPELINE, "--trust", OTHER]
    assert arguments[-2:] == ["--cloudformation-execution-policies", POLICY]
    assert found.beyond(TRUSTING) == [OTHER]


@pytest.mark.parametrize(
    "status", ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"]
)
def test_a_bootstrap_without_a_good_end_is_made_again_and_puts_nobody_out(status: str) -> None:
    found = deployed(OTHER, OTHER, POLICY, status)
    assert not found.satisfies(BootstrapSettings())
    assert found.arguments(TRUSTING)[2:4] == ["--trust", OTHER]

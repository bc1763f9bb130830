"""cdk-nag's AwsSolutions rules as a gate of synth.

cdk-nag accepts an acknowledgement only for the exact text of a finding, and that text holds the
generated names of exports. So our plug-in asks cdk-nag and then takes out what is accepted by
construct and pattern in stacks/acknowledgements.py; whatever is left ends synth.
"""

from collections.abc import Sequence

import jsii
from aws_cdk import (
    App,
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Validations,
)
from cdk_nag import AwsSolutionsChecks

from stacks.acknowledgements import ACKNOWLEDGEMENTS, Acknowledgement


@jsii.implements(IPolicyValidationPlugin)
class Guardrails:
    """cdk-nag's AwsSolutions pack, less what is acknowledged."""

    def __init__(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        self._acknowledgements = acknowledgements
        self._pack = AwsSolutionsChecks()
        self.matched: set[Acknowledgement] = set()
        """The acknowledgements that a finding has needed so far; a test asks for the others."""

    @property
    def name(self) -> str:
        """What the validation report calls the rules."""
        return "AwsSolutions"

    @property
    def version(self) -> str | None:
        """Only reported as analytics, which are off."""
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        """Only reported as analytics, which are off."""
        return None

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Called by the CDK at the end of synth."""
        violations = [
            left
            for violation in self._pack.validate(context).violations
            if (left := self._less_acknowledged(violation)) is not None
        ]
        return PolicyValidationPluginReport(success=not violations, violations=violations)

    def _less_acknowledged(self, violation: PolicyViolation) -> PolicyViolation | None:
        left = [
            resource
            for resource in violation.violating_resources
            if not self._acknowledged(violation.rule_name, resource)
        ]
        if not left:
            return None
        return PolicyViolation(
            rule_name=violation.rule_name,
            description=violation.description,
            severity=violation.severity,
            violating_resources=left,
        )

    def _acknowledged(self, rule: str, resource: PolicyViolatingResource) -> bool:
        path = resource.construct_path or ""
        found = {a for a in self._acknowledgements if a.covers(rule, path)}
        self.matched |= found
        return bool(found)


def guard(app: App, acknowledgements: Sequence[Acknowledgement] = ACKNOWLEDGEMENTS) -> Guardrails:
    """Make synth of the app fail on a finding that is not acknowledged."""
    guardrails = Guardrails(acknowledgements)
    Validations.of(app).add_plugins(guardrails)
    return guardrails

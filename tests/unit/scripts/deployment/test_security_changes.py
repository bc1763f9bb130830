"""What the CDK asks approval for, told by the CDK itself beside a real CloudFormation."""

import json
from pathlib import Path

from scripts.cdk import security_changes
from scripts.deployment.assembly import synthesized
from tests.unit.scripts.stock_cloud import session_to, stock_cloud

STACK = "permissions"
APP = f"""
from aws_cdk import App, BootstraplessSynthesizer, Stack, aws_iam
app = App()
stack = Stack(app, "{STACK}", synthesizer=BootstraplessSynthesizer())
aws_iam.Role(stack, "Role", assumed_by=aws_iam.ServicePrincipal("sagemaker.amazonaws.com"))
app.synth()
"""


def test_approval_is_asked_for_what_is_shown_and_for_nothing_once_it_is_deployed(
    tmp_path: Path,
) -> None:
    with stock_cloud(tmp_path) as url, synthesized("-c", APP) as assembly:
        session = session_to(url)
        shown = security_changes(session, assembly, STACK, columns=60)
        assert "IAM Statement Changes" in shown
        assert max(len(line) for line in shown.splitlines() if line[:1] in "│┌├└") <= 60
        template = json.loads((assembly / f"{STACK}.template.json").read_text(encoding="utf-8"))
        cloudformation = session.client("cloudformation")
        cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1}
        )
        # As when somebody else's deployment of it ended meanwhile.
        assert security_changes(session, assembly, STACK, columns=60) == ""

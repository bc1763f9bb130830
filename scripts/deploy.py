"""`darkroom deploy`: what will change, then the change step by step, then proof of the result."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from config import outputs
from config.environments import environment
from config.first_step import first_step
from config.release import Release, read_release
from config.settings import Settings
from scripts import console, options
from scripts.cdk import security_changes
from scripts.deployment.assembly import SynthesizedStack, stacks_of, synthesized
from scripts.deployment.plan import Plan, plan_deployment
from scripts.deployment.planned import PlannedEndpoint, planned_endpoints
from scripts.deployment.run import run_deployment
from scripts.deployment.screen import plan_screen
from scripts.deployment.settled import settled
from scripts.errors import Refused
from scripts.outputs import describe_stack, is_bootstrapped, stack_outputs
from scripts.releases.uncommitted import uncommitted_notice
from scripts.serving.artifacts import check_artifact
from scripts.serving.live import LiveEndpoint, live_endpoints
from scripts.serving.proof import Proof, prove
from scripts.serving.proof_screen import proof_screen
from scripts.session import Session, open_session


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What was planned, what runs, and how that was proven."""

    plan: Plan
    endpoints: tuple[LiveEndpoint, ...] = ()
    proof: Proof | None = None
    """None for a plan that was only looked at."""

    def to_value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "plan": self.plan.to_value(),
            "endpoints": [
                {
                    "name": each.name,
                    "status": each.status,
                    "endpoint_configuration": each.endpoint_config_name,
                    "variants": {
                        variant.name: {
                            "model": variant.model_name,
                            "model_data": variant.model_data_url,
                            "share": each.share(variant),
                            "instances": variant.current_instances,
                        }
                        for variant in each.variants
                    },
                }
                for each in self.endpoints
            ],
            "proof": self.proof.to_value() if self.proof else None,
        }


def deploy(
    environment_name: str, *, approve: bool, only_plan: bool = False, verbose: bool = False
) -> Deployment:
    """Deploy every stack of the environment, and prove that what runs was released.

    Raises Refused when there is no release, when something blocks the deployment (then nothing
    is changed), when CloudFormation does not finish, and when the proof fails.
    """
    settings = environment(environment_name)
    session = open_session(settings)
    session.check_account()
    release = _release(session, settings)
    notice = uncommitted_notice(settings)
    if notice is not None:
        console.say(notice)
    if not is_bootstrapped(session):
        raise Refused(
            f"environment {settings.name} is not bootstrapped; "
            f"run `darkroom bootstrap --env {settings.name}` first"
        )
    for role, model in release.models.items():
        check_artifact(session, role, model)
    with synthesized() as assembly:
        stacks = stacks_of(assembly, settings.name)
        plan = settled(
            lambda: plan_deployment(session, stacks),
            lambda found: () if only_plan else found.busy,
        )
        console.show(plan_screen(plan))
        if only_plan:
            return Deployment(plan=plan)
        plan.check()
        console.say("")
        if plan.changed:
            _ask_for_approval(session, plan, assembly, approved=approve)
            run_deployment(session, plan, assembly, verbose=verbose)
        else:
            console.say("nothing to deploy: every stack is as it should be")
    return _proven(session, release, plan, stacks)


def _busy(endpoints: Sequence[LiveEndpoint]) -> list[str]:
    return [each.name for each in endpoints if each.busy]


def _ask_for_approval(session: Session, plan: Plan, assembly: Path, *, approved: bool) -> None:
    """Show who may do more than before, and ask; the CDK decides what widens."""
    if approved or not any(stack.touches_permissions for stack in plan.changed):
        return
    stacks = f"{plan.environment}/*"
    widened = security_changes(session, assembly, stacks, console.terminal_columns())
    if not widened:
        return
    console.say(widened)
    if not sys.stdin.isatty():
        raise Refused(
            "the IAM changes above need approval, and standard input is no terminal to ask at; "
            "nothing was changed; repeat the command with --yes"
        )
    if not click.confirm("Deploy these permissions?", err=True):
        raise Refused("not approved; nothing was changed")


def _proven(
    session: Session, release: Release, plan: Plan, stacks: list[SynthesizedStack]
) -> Deployment:
    planned = {
        name: endpoint
        for stack in stacks
        for name, endpoint in planned_endpoints(stack.template).items()
    }
    values = stack_outputs(session, ("Serving",)).values
    # Scaling may begin as soon as an update ends, and an endpoint at work proves nothing.
    endpoints = settled(lambda: live_endpoints(session), _busy)
    configs = {
        each.name: values[key]
        for each in endpoints
        if (key := outputs.ENDPOINT_CONFIG_NAMES[each.kind]) in values
    }
    console.say("proving that what runs is what was released ...")
    proof = prove(session, release, planned, endpoints, configs)
    if proof.differences:
        raise Refused(
            f"deployed, but what runs is not what was released: {'; '.join(proof.differences)}; "
            f"look at `darkroom status --env {plan.environment}`, mend the cause, and repeat"
        )
    _say_kept_capacity(endpoints, planned)
    return Deployment(plan=plan, endpoints=tuple(endpoints), proof=proof)


def _say_kept_capacity(endpoints: list[LiveEndpoint], planned: dict[str, PlannedEndpoint]) -> None:
    """An update keeps the number of instances (design D15), also against changed settings."""
    for endpoint in endpoints:
        template = planned.get(endpoint.name)
        if template is None:
            continue
        for variant in template.variants:
            running = endpoint.by_role.get(variant.name)
            found = running.desired_instances if running else None
            # A scaled fleet has the size that its traffic asks for.
            if found is None or found == variant.instances or variant.name in template.scaled:
                continue
            console.say(
                f"{endpoint.name} keeps the {found} instances of {variant.name}, the settings say "
                f"{variant.instances}: an update never changes capacity; change it with "
                "`aws sagemaker update-endpoint-weights-and-capacities`"
            )


def _release(session: Session, settings: Settings) -> Release:
    release = read_release(settings.name)
    if release is not None:
        return release
    serving = outputs.stack_name(settings.app, settings.name, "Serving")
    if describe_stack(session, serving) is not None:  # design D3
        raise Refused(
            f"environment {settings.name} has no release file, but stack {serving} is deployed "
            f"and would be left as it is; restore config/releases/{settings.name}.json from git, "
            f"or remove the stack with `npx cdk destroy '{settings.name}/Serving'`"
        )
    raise Refused(
        f"environment {settings.name} has no release: config/releases/{settings.name}.json does "
        f"not exist; run `{first_step(settings)}` first"
    )


@click.command("deploy")
@options.environment
@click.option("--yes", "approve", is_flag=True, help="Deploy IAM changes without asking.")
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would change.")
@click.option("--verbose", is_flag=True, help="Show the CDK's own output as it comes.")
@options.as_json
def command(
    environment_name: str, approve: bool, only_plan: bool, verbose: bool, as_json: bool
) -> None:
    """Show what will change, deploy it, and prove that what runs is what was released.

    Deploys as `npx cdk deploy '<env>/*'` does. Something in the way is named before anything is
    changed, and the exit code is 1, also with --plan; an update that is rolled back ends with exit
    code 1 and the reason.
    """
    deployment = deploy(environment_name, approve=approve, only_plan=only_plan, verbose=verbose)
    if as_json:
        click.echo(json.dumps(deployment.to_value(), indent=2, default=str))
    if deployment.proof is None:
        deployment.plan.check()
        console.next_step(f"darkroom deploy --env {environment_name}")
        return
    if not as_json:
        console.page(proof_screen(deployment.endpoints, deployment.proof))
    console.next_step(f"darkroom invoke FILE --env {environment_name}")

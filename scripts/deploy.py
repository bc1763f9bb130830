"""`darkroom deploy`: `cdk deploy` of an environment, then proof that what runs was released."""

from typing import TYPE_CHECKING

import click
from botocore.exceptions import ClientError

from config.environments import environment
from config.outputs import stack_name
from config.release import Release, ReleasedModel, read_release
from config.settings import Settings
from scripts import console, options
from scripts.artifact import split_url
from scripts.aws_errors import code_of
from scripts.cdk import approval, run_cdk
from scripts.errors import Refused
from scripts.live import LiveEndpoint, differences, live_endpoints
from scripts.outputs import describe_stack, is_bootstrapped
from scripts.session import Session, open_session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def deploy(environment_name: str, *, approve: bool) -> list[LiveEndpoint]:
    """Deploy every stack of the environment and return its endpoints as they run.

    Raises Refused when there is no release, when CloudFormation does not finish, and when what
    runs afterwards is not what was released.
    """
    settings = environment(environment_name)
    session = open_session(settings)
    session.check_account()
    release = _release(session, settings)
    if not is_bootstrapped(session):
        raise Refused(
            f"environment {settings.name} is not bootstrapped; "
            f"run `darkroom bootstrap --env {settings.name}` first"
        )
    _check_artifact(session, release.models["champion"])
    run_cdk(session, "deploy", f"{settings.name}/*", *approval(approved=approve))
    endpoints = live_endpoints(session)
    if found := differences(release.models["champion"], endpoints):
        raise Refused(
            f"deployed, but what runs is not what was released: {'; '.join(found)}; look at the "
            f"stack's events, and repeat `darkroom deploy --env {settings.name}`"
        )
    _say_kept_capacity(settings, endpoints)
    return endpoints


def _say_kept_capacity(settings: Settings, endpoints: list[LiveEndpoint]) -> None:
    """An update keeps the number of instances (design D15), also against changed settings."""
    for endpoint in endpoints:
        if endpoint.instances is None or settings.realtime is None:
            continue
        wanted = settings.realtime.instance_count
        if endpoint.instances != wanted:
            console.say(
                f"{endpoint.name} keeps its {endpoint.instances} instances, the settings say "
                f"{wanted}: an update never changes capacity; change it with "
                "`aws sagemaker update-endpoint-weights-and-capacities`"
            )


def _check_artifact(session: Session, model: ReleasedModel) -> None:
    """Raise Refused for an artifact that is gone, before CloudFormation rolls back for want of it.

    A deployer need not have the permission to look; then CloudFormation finds out.
    """
    bucket, key = split_url(model.model_data_url)
    s3: S3Client = session.client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) in {"404", "NoSuchKey", "NoSuchBucket"}:
            raise Refused(
                f"the released artifact {model.model_data_url} is gone; release a training job "
                f"again: `darkroom release JOB --env {session.settings.name}`"
            ) from error


def _release(session: Session, settings: Settings) -> Release:
    release = read_release(settings.name)
    if release is not None:
        return release
    serving = stack_name(settings.app, settings.name, "Serving")
    if describe_stack(session, serving) is not None:  # design D3
        raise Refused(
            f"environment {settings.name} has no release file, but stack {serving} is deployed "
            f"and would be left as it is; restore config/releases/{settings.name}.json from git, "
            f"or remove the stack with `npx cdk destroy '{settings.name}/Serving'`"
        )
    raise Refused(
        f"environment {settings.name} has no release: config/releases/{settings.name}.json does "
        f"not exist; run `darkroom release JOB --env {settings.name}` first"
    )


@click.command("deploy")
@options.environment
@click.option("--yes", "approve", is_flag=True, help="Deploy IAM changes without asking.")
@options.as_json
def command(environment_name: str, approve: bool, as_json: bool) -> None:
    """Run `cdk deploy` for the environment, wait, and check that what runs is what was released.

    The same as `npx cdk deploy '<env>/*'`, with the proof afterwards.
    """
    endpoints = deploy(environment_name, approve=approve)
    rows = {
        f"{endpoint.kind}_{name}": value
        for endpoint in endpoints
        for name, value in endpoint.summary().items()
    }
    console.result(rows, as_json=as_json)
    console.next_step(f"darkroom invoke FILE --env {environment_name}")

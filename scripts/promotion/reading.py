"""The source's artifact, read by the target's identity: as the copy will be."""

from contextlib import ExitStack

from botocore.exceptions import ClientError

from config.released_model import ReleasedModel
from scripts.artifact import Artifact, fetched, split_url
from scripts.aws_errors import explain, is_denied
from scripts.errors import Refused
from scripts.promotion.route import Route


def read_artifact(route: Route, model: ReleasedModel, files: ExitStack) -> Artifact:
    """The artifact of a model of the source, on this machine until `files` is closed.

    Raises Refused for one that is gone or larger than was released, and for a target that may not
    read it: it is not passed through the source's identity then, which nobody gave that permission
    for.
    """
    url = model.model_data_url
    try:
        return files.enter_context(fetched(route.target, url, model.artifact_size_bytes))
    except ClientError as error:
        if not is_denied(error):
            raise
        raise _may_not_read(route, url, error) from error


def _may_not_read(route: Route, url: str, error: ClientError) -> Refused:
    source, target = route.source.settings.name, route.target.settings.name
    bucket, _ = split_url(url)
    said = explain(error, f"environment {source}").partition("; ask for")[0]
    own = (
        f"the caller {route.caller.arn} needs s3:GetObject on {url} (the output PromotePolicyArn "
        f"of environment {target} is a policy with all that a promotion needs)"
    )
    if route.source_account == route.caller.account:
        return Refused(f"{said}; {own}")
    return Refused(
        f"{said}; the policy of bucket {bucket} has to let account {route.caller.account} read: "
        f"set the accounts of {source} and {target} in config/environments.py, and have "
        f"`darkroom bootstrap --env {source}` make the policy (that of its key as well, if it has "
        f"its own); and {own}"
    )

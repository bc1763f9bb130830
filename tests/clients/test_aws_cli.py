"""The AWS CLI, typed as documented."""

import json
from typing import Any

from tests.clients.conftest import BUILT_IN, Stage
from tests.clients.shell import CLIENTS, Shell
from tests.local.running_cloud import variant, wait_in_service

NAME = "aws-cli"


def test_the_aws_cli_deploys_waits_invokes_and_deletes(stage: Stage, shell: Shell) -> None:
    def aws(*words: object) -> Any:
        done = shell.run(CLIENTS / "aws", *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")

    container = f"Image={BUILT_IN},ModelDataUrl={stage.model_url}"
    of_model = ("--model-name", NAME, "--execution-role-arn", stage.role)
    model = aws("sagemaker", "create-model", *of_model, "--primary-container", container)
    assert model["ModelArn"].endswith(f":model/{NAME}")
    of_config = ("--endpoint-config-name", NAME)
    variants = json.dumps([variant(NAME)])
    aws("sagemaker", "create-endpoint-config", *of_config, "--production-variants", variants)
    of_endpoint = ("--endpoint-name", NAME)
    aws("sagemaker", "create-endpoint", *of_endpoint, *of_config, "--tags", "Key=team,Value=ml")
    wait_in_service(stage.cloud, NAME)  # the CLI's own waiter looks every 30 seconds
    aws("sagemaker", "wait", "endpoint-in-service", *of_endpoint)
    (shell.home / "photo.png").write_bytes(b"photo")
    typed = ("--content-type", "image/png", "--body", "fileb://photo.png", "answer.json")
    answered = aws("sagemaker-runtime", "invoke-endpoint", *of_endpoint, *typed)
    assert answered["InvokedProductionVariant"] == "AllTraffic"
    assert (shell.home / "answer.json").read_text() == "0.5"
    listed = aws("sagemaker", "list-endpoints", "--name-contains", NAME, "--query", "Endpoints")
    assert [each["EndpointStatus"] for each in listed] == ["InService"]
    aws("sagemaker", "delete-endpoint", *of_endpoint)
    aws("sagemaker", "wait", "endpoint-deleted", *of_endpoint)


def test_the_aws_cli_says_what_was_wrong(shell: Shell) -> None:
    words = ("--endpoint-name", "absent", "--body", "fileb:///dev/null", "/dev/null")
    refused = shell.run(CLIENTS / "aws", "sagemaker-runtime", "invoke-endpoint", *words)
    assert refused.returncode == 255
    assert (
        "An error occurred (ValidationError) when calling the InvokeEndpoint operation: "
        "Endpoint absent of account 000000000000 not found."
    ) in refused.stderr

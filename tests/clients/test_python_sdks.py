"""Programs written against the SageMaker SDKs, run as they are (tests/clients/programs)."""

from tests.clients.conftest import BUCKET, Stage
from tests.clients.shell import Program


def test_the_sdk_v2_trains_deploys_and_predicts(stage: Stage, sdk_v2: Program) -> None:
    found = sdk_v2.seen()
    assert found["deployed"] == {"answer": 0.5, "status": "InService"}
    assert found["serverless"] == {"answer": "0.5"}
    assert found["trained"]["answer"] == "trained"
    assert found["trained"]["status"] == "Completed"
    assert found["trained"]["model"].startswith(f"s3://{BUCKET}/trained/")
    sagemaker = stage.cloud.client("sagemaker")
    left = {each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]}
    assert "sdk-v2" not in left
    assert "sdk-v2-trained" in left


def test_sagemaker_core_creates_invokes_and_deletes_its_resources(core_resources: Program) -> None:
    assert core_resources.seen() == {
        "answer": "0.5",
        "variant": "champion",
        "instances": 1,
        "listed": ["sagemaker-core"],
        "refused": "ModelError",
    }

"""What a user of sagemaker-core writes: resources instead of requests.

    core_resources.py SEEN ROLE IMAGE MODEL_URL

Writes one JSON object of what was seen to the file SEEN: the SDK prints on its own.
"""

import json
import sys
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.shapes import ContainerDefinition, ProductionVariant

NAME = "sagemaker-core"


def main(role: str, image: str, model_url: str) -> dict[str, Any]:
    model = Model.create(
        model_name=NAME,
        execution_role_arn=role,
        primary_container=ContainerDefinition(image=image, model_data_url=model_url),
    )
    config = EndpointConfig.create(
        endpoint_config_name=NAME,
        production_variants=[
            ProductionVariant(
                variant_name="champion",
                model_name=model.model_name,
                instance_type="ml.m5.large",
                initial_instance_count=1,
                initial_variant_weight=1.0,
            )
        ],
    )
    endpoint = Endpoint.create(endpoint_name=NAME, endpoint_config_name=config.endpoint_config_name)
    endpoint.wait_for_status("InService", poll=1)
    again = Endpoint.get(endpoint_name=NAME)
    answered = again.invoke(body=b"photo", content_type="image/png", inference_id="mine")
    found = {
        "answer": answered.body.read().decode(),
        "variant": answered.invoked_production_variant,
        "instances": again.production_variants[0].current_instance_count,
        "listed": [each.endpoint_name for each in Endpoint.get_all(name_contains=NAME)],
        "refused": refusal(again),
    }
    endpoint.delete()
    endpoint.wait_for_delete(poll=1)
    config.delete()
    model.delete()
    return found


def refusal(endpoint: Any) -> str:
    """The code of the error for a model that fails."""
    try:
        endpoint.invoke(body=b"fail", content_type="image/png")
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "none"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(main(*sys.argv[2:])))

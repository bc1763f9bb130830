"""SageMaker's events on EventBridge (local/adapter/event_bus.py, facts sheet F.3)."""

import json
import uuid
from typing import Any

from tests.local.adapter.test_alarm_clock import bodies, queue_arn
from tests.local.running_cloud import (
    RunningCloud,
    allow,
    create_endpoint,
    create_role,
    put_model,
)


def test_a_rule_hears_that_an_endpoint_is_in_service(cloud: RunningCloud) -> None:
    name = f"events-{uuid.uuid4().hex[:8]}"
    sqs, events = cloud.client("sqs"), cloud.client("events")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Endpoint State Change"],
        "detail": {"EndpointStatus": ["IN_SERVICE"], "EndpointName": [name]},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": queue_arn(sqs, queue)}])
    role = create_role(cloud, name, None, allow("s3:*"))
    create_endpoint(cloud, name, role, put_model(cloud, "events-models", "first"))
    event: dict[str, Any] = json.loads(bodies(sqs, queue, at_least=1)[0])
    assert event["source"] == "aws.sagemaker"
    assert event["resources"] == [f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{name}"]
    assert event["detail"]["EndpointStatus"] == "IN_SERVICE"
    cloud.client("sagemaker").delete_endpoint(EndpointName=name)

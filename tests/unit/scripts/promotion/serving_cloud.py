"""An AWS that serves one release, told as its services tell it over HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from config.environments import DEV
from config.outputs import endpoint_name
from config.release import Release
from config.settings import EndpointCredentials, Settings
from scripts.session import Session, open_session
from tests.unit.scripts.answering import Reply, Request, answering_by

KEYS = EndpointCredentials(access_key_id="test", secret_access_key="test")
NAME = endpoint_name("darkroom", "dev", "realtime")


@dataclass
class ServingCloud:
    """What it would tell; a test changes what is to be different."""

    release: Release
    outputs: dict[str, str] = field(default_factory=dict)
    endpoint: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    answer: list[float] = field(default_factory=lambda: [0.25, 0.75])
    stack_status: str = "UPDATE_COMPLETE"
    denied: str = ""
    """The operation that the caller may not do."""

    def __post_init__(self) -> None:
        self.outputs = {
            "ReleaseDigest": self.release.digest,
            "RealtimeEndpointName": NAME,
            "RealtimeEndpointConfigName": "config-1",
        }
        self.endpoint = {
            "EndpointName": NAME,
            "EndpointArn": f"arn:aws:sagemaker:us-east-1:111122223333:endpoint/{NAME}",
            "EndpointConfigName": "config-1",
            "EndpointStatus": "InService",
            "CreationTime": 0,
            "LastModifiedTime": 0,
        }
        self.endpoint |= self._variants("ProductionVariants", shadow=False)
        self.endpoint |= self._variants("ShadowProductionVariants", shadow=True)
        self.config = {
            member: [
                {
                    "VariantName": row["VariantName"],
                    "ModelName": row["VariantName"],
                    "InstanceType": "ml.m5.large",
                }
                for row in self.endpoint[member]
            ]
            for member in ("ProductionVariants", "ShadowProductionVariants")
        }

    def _variants(self, member: str, *, shadow: bool) -> dict[str, Any]:
        rows = [
            {
                "VariantName": role,
                "CurrentWeight": self.release.weights.get(role, 1.0),
                "DesiredWeight": self.release.weights.get(role, 1.0),
                "CurrentInstanceCount": 1,
                "DesiredInstanceCount": 1,
            }
            for role in self.release.models
            if (role == "shadow") == shadow
        ]
        return {member: rows}

    def reply_to(self, request: Request) -> Reply:
        """The answer of the service that is asked."""
        target = request.headers.get("X-Amz-Target", "").partition(".")[2]
        if target:
            return self._control_plane(target, json.loads(request.body))
        if request.path.endswith("/invocations"):
            return self._invoked(request)
        if parse_qs(request.body.decode()).get("Action") == ["DescribeStacks"]:
            return Reply(200, self._stack(), {"Content-Type": "text/xml"})
        return Reply(403, "", {})  # the bucket: a witness may not look into it

    def _control_plane(self, operation: str, asked: dict[str, str]) -> Reply:
        if operation == self.denied:
            return _json(
                {
                    "__type": "AccessDeniedException",
                    "message": f"not authorized to perform: sagemaker:{operation}",
                },
                400,
            )
        if operation == "DescribeEndpoint":
            return _json(self.endpoint)
        if operation == "DescribeEndpointConfig":
            return _json(self.config)
        model = self.release.models[asked["ModelName"]]
        return _json(
            {"PrimaryContainer": {"Image": model.image, "ModelDataUrl": model.model_data_url}}
        )

    def _invoked(self, request: Request) -> Reply:
        variant = request.headers["X-Amzn-SageMaker-Target-Variant"]
        return _json(self.answer, headers={"x-Amzn-Invoked-Production-Variant": variant})

    def _stack(self) -> str:
        rows = "".join(
            f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
            for key, value in self.outputs.items()
        )
        return (
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
            f"<StackName>s</StackName><StackStatus>{self.stack_status}</StackStatus>"
            f"<CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>{rows}</Outputs>"
            "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
        )


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    media = {"Content-Type": "application/x-amz-json-1.1"}
    return Reply(status, json.dumps(value), media | (headers or {}))


@dataclass
class Place:
    """Where a cloud is asked; one after another, since a session's clients take time to make."""

    session: Session
    clouds: list[ServingCloud]
    """The last one answers."""


@contextmanager
def a_place(first: ServingCloud) -> Iterator[Place]:
    """A session of environment dev, with one real-time endpoint, in the place's cloud."""
    clouds: list[ServingCloud] = [first]

    def reply_to(request: Request) -> Reply:
        return clouds[-1].reply_to(request)

    with answering_by(reply_to) as url:
        yield Place(open_session(_dev(url)), clouds)


def _dev(url: str) -> Settings:
    return replace(DEV, endpoint_url=url, endpoint_credentials=KEYS, serverless=None)

"""A stock ministack of one test module's own: an S3, a CloudFormation and an STS on loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from config import outputs
from config.environments import LOCAL
from dataset.layout import Layout
from scripts.session import Session, open_session

_QUIET = {
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LOG_LEVEL": "ERROR",
}


@contextmanager
def stock_cloud(directory: Path, **variables: str) -> Iterator[str]:
    """The URL of a ministack that runs as long as the block does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **_QUIET, **variables, "GATEWAY_PORT": str(port)}
    environment["TMPDIR"] = str(directory)
    with (directory / "cloud.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process)
        yield url
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        assert process.poll() is None, "ministack ended"
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)


def session_to(url: str, app: str = "darkroom") -> Session:
    return open_session(replace(LOCAL, app=app, endpoint_url=url))


def deploy_bucket(session: Session) -> str:
    """A deployed data stack with a versioned bucket, whose name is returned."""
    settings = session.settings
    cloudformation = session.client("cloudformation")
    name = outputs.stack_name(settings.app, settings.name, "Data")
    bucket = bucket_of(session)
    cloudformation.create_stack(StackName=name, TemplateBody=_template(bucket))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    return bucket


def bucket_of(session: Session) -> str:
    return f"{session.settings.app}-datasets"


def objects(session: Session) -> dict[str, bytes]:
    s3 = session.client("s3")
    bucket = bucket_of(session)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [row["Key"] for page in pages for row in page.get("Contents", [])]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def versions(session: Session) -> dict[str, int]:
    """How often each object was written."""
    pages = session.client("s3").get_paginator("list_object_versions")
    written: dict[str, int] = {}
    for page in pages.paginate(Bucket=bucket_of(session)):
        for row in page.get("Versions", []):
            written[row["Key"]] = written.get(row["Key"], 0) + 1
    return written


def images_of(session: Session, layout: Layout) -> list[str]:
    pages = session.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=bucket_of(session), Prefix=f"{layout.images}/")
    return [row["Key"] for page in found for row in page.get("Contents", [])]


def has_an_image(session: Session, layout: Layout) -> bool:
    """Whether any is there; quicker than to list them all while they come."""
    s3 = session.client("s3")
    prefix = f"{layout.images}/"
    return bool(s3.list_objects_v2(Bucket=bucket_of(session), Prefix=prefix, MaxKeys=1)["KeyCount"])


def _template(bucket: str) -> str:
    return f"""
Resources:
  Datasets:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: {bucket}, VersioningConfiguration: {{Status: Enabled}}}}
Outputs:
  {outputs.DATASETS_BUCKET}: {{Value: !Ref Datasets}}
"""

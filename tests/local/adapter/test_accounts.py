"""Two accounts of one cloud: apart by default, and together as far as policies say (facts F)."""

import json
import subprocess
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.adapter.accounts import (
    DEV,
    PROD,
    STRANGER,
    Account,
    account,
    assumed,
    session_of,
    trusting,
)
from tests.local.running_cloud import (
    IMAGE,
    RunningCloud,
    allow,
    create_endpoint,
    create_role,
    eventually,
    put_model,
    run_local,
    running,
)

PART = bytes(range(256)) * 20480  # 5 MiB, the least that S3 takes for a part but the last


@dataclass(frozen=True)
class Copy:
    """A bucket of dev's whose models prod may read, and prod's own bucket."""

    dev: Account
    source: str
    target: str

    def by(self, copier: Account, key: str = "models/a b+ü?.bin", **more: Any) -> Any:
        return copier.client("s3").copy_object(
            CopySource={"Bucket": self.source, "Key": key}, Bucket=self.target, Key="copy", **more
        )

    def granted(self) -> dict[str, Any]:
        """What a principal of prod's needs of its own account for the copy."""
        return allow(
            ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            [f"arn:aws:s3:::{self.source}*", f"arn:aws:s3:::{self.target}*"],
        )


@pytest.fixture
def copy(enforced: RunningCloud) -> Copy:
    dev, prod = account(enforced, DEV), account(enforced, PROD)
    source, target = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("dev", "prod"))
    dev.client("s3").create_bucket(Bucket=source)
    prod.client("s3").create_bucket(Bucket=target)
    readers = {"Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}}
    prefixed = {"Condition": {"StringLike": {"s3:prefix": "models/*"}}}
    statements = [
        allow("s3:GetObject", f"arn:aws:s3:::{source}/models/*", **readers),
        allow("s3:ListBucket", f"arn:aws:s3:::{source}", **readers, **prefixed),
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{source}", f"arn:aws:s3:::{source}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    dev.client("s3").put_bucket_policy(Bucket=source, Policy=policy)
    for key in ("models/a b+ü?.bin", "elsewhere"):
        dev.client("s3").put_object(Bucket=source, Key=key, Body=PART + key.encode())
    return Copy(dev, source, target)


def test_an_object_of_another_account_is_copied_byte_for_byte(
    enforced: RunningCloud, copy: Copy
) -> None:
    copier = session_of(account(enforced, PROD), copy.granted())
    copy.by(copier)
    stored = copier.client("s3").get_object(Bucket=copy.target, Key="copy")["Body"].read()
    assert stored == PART + "models/a b+ü?.bin".encode()


def test_an_object_of_another_account_is_copied_in_parts(
    enforced: RunningCloud, copy: Copy
) -> None:
    s3 = session_of(account(enforced, PROD), copy.granted()).client("s3")
    key = "models/a b+ü?.bin"
    place = {"Bucket": copy.target, "Key": "copy"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    end = len(PART) + len(key.encode()) - 1
    parts = []
    for number, span in enumerate((f"0-{len(PART) - 1}", f"{len(PART)}-{end}"), start=1):
        answer = s3.upload_part_copy(
            **place,
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": copy.source, "Key": key},
            CopySourceRange=f"bytes={span}",
        )
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(**place)["Body"].read() == PART + key.encode()


def test_a_copy_is_only_of_the_bytes_that_were_named(enforced: RunningCloud, copy: Copy) -> None:
    copier = session_of(account(enforced, PROD), copy.granted())
    with pytest.raises(ClientError, match="PreconditionFailed"):
        copy.by(copier, CopySourceIfMatch='"0123"')
    with pytest.raises(ClientError, match="NoSuchKey"):
        copy.by(copier, "models/missing")


def test_both_accounts_have_to_allow_a_copy(enforced: RunningCloud, copy: Copy) -> None:
    prod, stranger = account(enforced, PROD), account(enforced, STRANGER)
    unprivileged = session_of(prod, allow("s3:PutObject", f"arn:aws:s3:::{copy.target}/*"))
    granted = session_of(prod, copy.granted())
    for copier, key in (
        (unprivileged, "models/a b+ü?.bin"),
        (granted, "elsewhere"),
        (session_of(stranger, copy.granted()), "models/a b+ü?.bin"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            copy.by(copier, key)
    copy.dev.client("s3").delete_bucket_policy(Bucket=copy.source)
    with pytest.raises(ClientError, match="AccessDenied"):
        copy.by(granted)


def test_a_listing_is_only_of_the_prefix_that_the_owner_opened(
    enforced: RunningCloud, copy: Copy
) -> None:
    s3 = session_of(account(enforced, PROD), copy.granted()).client("s3")
    assert s3.list_objects_v2(Bucket=copy.source, Prefix="models/")["KeyCount"] == 1
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=copy.source)


def test_a_bucket_name_is_taken_in_every_account(enforced: RunningCloud, copy: Copy) -> None:
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        account(enforced, STRANGER).client("s3").create_bucket(Bucket=copy.source)


def test_a_role_is_assumed_from_another_account_where_both_allow_it(
    enforced: RunningCloud,
) -> None:
    dev, prod = account(enforced, DEV), account(enforced, PROD)
    witness = create_role(
        dev, f"witness-{uuid.uuid4().hex[:8]}", trusting(PROD), allow("sagemaker:ListEndpoints")
    )
    may = allow("sts:AssumeRole", witness)
    seeing = assumed(session_of(prod, may), witness)
    assert seeing.client("sts").get_caller_identity()["Account"] == DEV
    assert isinstance(seeing.client("sagemaker").list_endpoints()["Endpoints"], list)
    with pytest.raises(ClientError, match="AccessDenied"):
        seeing.client("sagemaker").list_models()
    for caller in (session_of(prod), session_of(account(enforced, STRANGER), may)):
        with pytest.raises(ClientError, match="AccessDenied"):
            assumed(caller, witness)


def test_the_same_names_in_two_accounts_are_two_endpoints_and_outlive_a_restart(
    tmp_path: Path,
) -> None:
    def answers(cloud: RunningCloud) -> list[str]:
        found = []
        for name in (DEV, PROD):
            runtime = account(cloud, name).client("sagemaker-runtime")
            found.append(eventually(partial(_answer, runtime), within_seconds=60))
        return found

    with running(tmp_path / "data", auth=True) as cloud:
        for name, says in ((DEV, "dev"), (PROD, "prod")):
            owner = account(cloud, name)
            role = create_role(owner, "hosting", None, allow("s3:GetObject"))
            create_endpoint(owner, "same", role, put_model(owner, f"models-{says}", says))
        assert answers(cloud) == ["dev", "prod"]
        cloud.stop()
        cloud.start()
        assert answers(cloud) == ["dev", "prod"]
        status = shown(cloud, "status").stdout
        for name in (DEV, PROD):
            assert f"{name}: 1 endpoint, 1 model, 0 training jobs" in status
        told = json.loads(shown(cloud, "status", "--json").stdout)
        assert (told["endpoints"], sorted(told["accounts"])) == (2, [DEV, PROD])
        shown(cloud, "reset", "--yes")
        assert json.loads(shown(cloud, "status", "--json").stdout)["accounts"] == {}
        with pytest.raises(ClientError, match="Could not find"):
            account(cloud, PROD).client("sagemaker").describe_endpoint(EndpointName="same")


def test_a_role_is_handed_to_sagemaker_in_its_own_account_only(enforced: RunningCloud) -> None:
    dev, prod = account(enforced, DEV), account(enforced, PROD)
    role = create_role(dev, f"hosting-{uuid.uuid4().hex[:8]}", None, allow("s3:GetObject"))
    with pytest.raises(ClientError, match="account"):
        prod.client("sagemaker").create_model(
            ModelName="foreign", ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE}
        )


def test_env_makes_the_shell_the_root_of_an_account(enforced: RunningCloud) -> None:
    lines = shown(enforced, "env", "--account", PROD).stdout
    assert f"export AWS_ACCESS_KEY_ID={PROD}" in lines
    usage = run_local("env", "--data", str(enforced.directory), "--account", "prod")
    assert usage.returncode == 2
    assert "'prod' is no account id; name twelve digits" in usage.stderr


def _answer(runtime: Any) -> str:
    try:
        said: bytes = runtime.invoke_endpoint(EndpointName="same", Body=b"x")["Body"].read()
    except ClientError:  # it is being brought up again
        return ""
    return said.decode()


def shown(cloud: RunningCloud, *words: str) -> subprocess.CompletedProcess[str]:
    done = run_local(*words, "--data", str(cloud.directory))
    assert done.returncode == 0, done.stderr
    return done

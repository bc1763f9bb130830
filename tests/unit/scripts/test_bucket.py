"""What a bucket's refusals tell an operator."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import EndpointCredentials
from scripts.bucket import Bucket
from scripts.errors import Refused
from scripts.session import open_session
from tests.unit.scripts.stock_cloud import deploy_bucket, session_to, stock_cloud


def test_a_permission_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    with stock_cloud(tmp_path / "cloud", AUTH="true") as url:
        root_session = session_to(url)
        bucket = deploy_bucket(root_session)
        iam = root_session.client("iam")
        iam.create_user(UserName="guest")
        key = iam.create_access_key(UserName="guest")["AccessKey"]
        guest = replace(
            root_session.settings,
            endpoint_credentials=EndpointCredentials(
                access_key_id=key["AccessKeyId"],
                secret_access_key=key["SecretAccessKey"],
            ),
        )
        denied = Bucket(open_session(guest), bucket)
        for attempt in (
            lambda: denied.put("key", b"content", "text/plain"),
            lambda: denied.read("key"),
            lambda: list(denied.sizes("key")),
        ):
            with pytest.raises(Refused, match=r"permission denied: .*user/guest.*; ask"):
                attempt()
        forged = replace(
            guest,
            endpoint_credentials=EndpointCredentials(
                access_key_id=key["AccessKeyId"], secret_access_key="forged"
            ),
        )
        with pytest.raises(Refused, match="not accepted or expired; sign in again"):
            Bucket(open_session(forged), bucket).put("key", b"content", "text/plain")

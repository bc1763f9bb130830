"""A prepared dataset, as `darkroom prepare` left it in the environment's bucket."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from config import prefixes
from dataset.description import Description
from dataset.layout import Layout
from scripts.aws_errors import code_of
from scripts.errors import Refused
from scripts.session import Session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def stored_dataset(session: Session, bucket: str, dataset_id: str | None) -> Description:
    """The dataset of that id, or the only one there is. Raises Refused when that is not clear."""
    environment = session.settings.name
    s3: S3Client = session.client("s3")
    known = _complete_ids(s3, bucket) if dataset_id is None else [dataset_id]
    if not known:
        raise Refused(
            f"environment {environment} has no dataset; "
            f"run `darkroom prepare FOLDER --env {environment}` first"
        )
    if len(known) > 1:
        raise Refused(
            f"environment {environment} has {len(known)} datasets ({', '.join(known)}); "
            "choose one with --dataset"
        )
    text = _read(s3, bucket, Layout(known[0]).description)
    if text is None:
        raise Refused(
            f"environment {environment} has no dataset {known[0]}; "
            f"it has {', '.join(_complete_ids(s3, bucket)) or 'none'}"
        )
    return Description.from_json(text)


def _complete_ids(s3: "S3Client", bucket: str) -> list[str]:
    """The ids of all datasets whose upload was finished: dataset.json is written last."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"{prefixes.DATASETS}/", Delimiter="/"
    )
    found = [row["Prefix"] for page in pages for row in page.get("CommonPrefixes", [])]
    ids = sorted(prefix.split("/")[1] for prefix in found)
    return [each for each in ids if _read(s3, bucket, Layout(each).description) is not None]


def _read(s3: "S3Client", bucket: str, key: str) -> bytes | None:
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if code_of(error) in {"404", "NoSuchKey"}:
            return None
        raise

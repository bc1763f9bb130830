"""A write that asks for aws:kms without a key uses the account's managed key.

Stock: refuses such a write ("requires a key id"), for want of the managed key `aws/s3`.
Needed: the CDK bootstrap bucket is encrypted that way, and the CDK then writes every asset so.
Nothing is encrypted here; the answer names the managed key's alias.
Touches: `s3._resolve_sse_write_headers`.
"""

from typing import Any

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = f"{_ALGORITHM}-aws-kms-key-id"


def install() -> None:
    """Name the managed key where a write names none."""
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import s3

    stock = s3._resolve_sse_write_headers

    def resolve(headers: dict[str, str], *rest: Any, **named: Any) -> Any:
        if headers.get(_ALGORITHM) == "aws:kms" and not headers.get(_KEY):
            alias = f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"
            headers = {**headers, _KEY: alias}
        return stock(headers, *rest, **named)

    s3._resolve_sse_write_headers = resolve

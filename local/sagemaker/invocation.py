"""What a caller of InvokeEndpoint sends and gets (facts sheet C.2)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One request, its headers by their names in the API."""

    endpoint_name: str
    body: bytes
    content_type: str | None = None
    accept: str | None = None
    custom_attributes: str | None = None
    target_variant: str | None = None
    inference_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One response; the header names are those on the wire."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

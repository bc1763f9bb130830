"""The condition key `cloudwatch:namespace` of PutMetricData.

Stock: a policy's condition on it never matches, because the key is not filled; a role that may
publish to one namespace may publish to none.
Needed: the request's namespace, as JSON or in the Query protocol (facts
sheet E.6).
Touches: `iam_actions.request_tag_context`, which fills the context of every action.
"""

import json
from typing import Any

ACTION = "cloudwatch:PutMetricData"
KEY = "cloudwatch:namespace"


def install() -> None:
    """Fill the key for PutMetricData."""
    from ministack.core import iam_actions

    stock = iam_actions.request_tag_context

    def request_context(
        service: str, iam_action: str, body: bytes, params: dict[str, Any]
    ) -> dict[str, Any]:
        context: dict[str, Any] = stock(service, iam_action, body, params)
        if iam_action == ACTION and (namespace := _namespace(body, params)) is not None:
            context[KEY] = namespace
        return context

    iam_actions.request_tag_context = request_context


def _namespace(body: bytes, params: dict[str, Any]) -> str | None:
    if "Namespace" in params:  # the Query protocol
        found = params["Namespace"]
        return str(found[0] if isinstance(found, list) else found)
    try:
        request = json.loads(body)
    except ValueError:  # CBOR, which stock ministack does not read either
        return None
    namespace = request.get("Namespace") if isinstance(request, dict) else None
    return namespace if isinstance(namespace, str) else None

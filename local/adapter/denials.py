"""SageMaker's and Application Auto Scaling's wording and status of a refused call.

Stock: an unknown JSON service's AccessDenied is 403 without the resource, content type JSON 1.0.
Needed: AWS names the resource, and answers control-plane calls with 400 (facts sheet C.3, E.7).
Touches: `iam_actions.access_denied_response`, `.identity_denial_message`.
"""

import json
from typing import Any

_SERVICES = ("sagemaker", "application-autoscaling")


def install() -> None:
    """Word the denials of calls of our services as those do."""
    from ministack.core import iam_actions

    stock = iam_actions.access_denied_response

    def access_denied_response(
        service: str, action: str, principal_arn: str, request_id: str, **details: Any
    ) -> tuple[int, dict[str, str], bytes]:
        if service not in _SERVICES or details.get("error_code"):
            answer: tuple[int, dict[str, str], bytes] = stock(
                service, action, principal_arn, request_id, **details
            )
            return answer
        message = iam_actions.identity_denial_message(
            action, principal_arn, details["resource_arn"], details.get("explicit_deny", False)
        )
        control_plane = "x-amz-target" in (details.get("headers") or {})
        return denial(message, control_plane=control_plane)

    iam_actions.access_denied_response = access_denied_response


def denial(message: str, *, control_plane: bool) -> tuple[int, dict[str, str], bytes]:
    """An AccessDeniedException as the control plane (JSON 1.1, 400) or the runtime (REST, 403)
    sends it."""
    content_type = "application/x-amz-json-1.1" if control_plane else "application/json"
    headers = {"content-type": content_type, "x-amzn-errortype": "AccessDeniedException"}
    body = json.dumps({"__type": "AccessDeniedException", "Message": message}).encode()
    return 400 if control_plane else 403, headers, body

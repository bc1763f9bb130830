"""Signed requests to the cloud's HTTP front, without the half second a botocore client costs.

An instance needs six operations of three services and starts in the time a caller waits for a
serverless answer; botocore signs, urllib3 keeps the connections, and nothing else is loaded.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import IO
from urllib.parse import quote, urlencode

import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.instance.assignment import RoleSession

ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.05
TIMEOUT = urllib3.Timeout(connect=5.0, read=60.0)


class ServiceRefusal(Exception):
    """A service answered with an error: its code, its message and the HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.code = code
        self.message = message
        self.status = status


class SignedHttp:
    """Sends requests as one role session. Safe to use from many threads."""

    def __init__(self, session: RoleSession, *, connections: int = 16) -> None:
        self._session = session
        self._pool = urllib3.PoolManager(maxsize=connections, retries=False, timeout=TIMEOUT)
        credentials = Credentials(
            session.access_key_id, session.secret_access_key, session.session_token
        )
        self._signers: dict[str, SigV4Auth] = {
            service: (S3SigV4Auth if service == "s3" else SigV4Auth)(
                credentials, service, session.region
            )
            for service in ("s3", "logs", "monitoring")
        }

    def send(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | IO[bytes] = b"",
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """Send a request and return the 2xx answer.

        Lost connections and 5xx answers are tried again a few times. Raises ServiceRefusal for
        any other answer, and for a cloud that cannot be reached (code ConnectionError).
        """
        url = self._session.endpoint_url.rstrip("/") + path
        if query:
            url += "?" + urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
        refusal = ServiceRefusal("ConnectionError", "the request was never sent", 0)
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
            try:
                response = self._once(service, method, url, headers or {}, body, stream)
            except urllib3.exceptions.HTTPError as error:
                refusal = ServiceRefusal("ConnectionError", str(error), 0)
                continue
            if response.status < 300:
                return response
            refusal = _refusal(response)
            if response.status < 500:
                break
        raise refusal

    def _once(
        self,
        service: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes],
        stream: bool,
    ) -> urllib3.BaseHTTPResponse:
        if not isinstance(body, bytes):
            body.seek(0)
        request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
        self._signers[service].add_auth(request)
        return self._pool.request(
            method,
            url,
            headers=dict(request.headers.items()),
            body=body,
            preload_content=not stream,
            redirect=False,
        )


def _refusal(response: urllib3.BaseHTTPResponse) -> ServiceRefusal:
    text = response.data.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        answer = json.loads(text)
        code = str(answer.get("__type", "")).rpartition("#")[2]
        message = str(answer.get("message") or answer.get("Message") or "")
    else:
        code, message = _xml_member(text, "Code"), _xml_member(text, "Message")
    if not code:
        code = {403: "AccessDenied", 404: "NotFound"}.get(response.status, "Unknown")
    return ServiceRefusal(code, message or f"HTTP {response.status}", response.status)


def _xml_member(text: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>", text)
    return found.group(1) if found else ""

"""A JSON document from the web or a file, of bounded size and in bounded time."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError

from scripts.errors import Refused

MOST_BYTES: Final = 64 * 1024 * 1024
"""SageMaker's offer of one region is a few MB (facts G.2)."""

MOST_SECONDS: Final = 120.0
_CONNECT_SECONDS: Final = 10.0
_READ_SECONDS: Final = 30.0
_CHUNK_BYTES: Final = 64 * 1024
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
_REMEDY: Final = (
    "look after the network and repeat, or save the file elsewhere and name it with --from; the "
    "price list is as it was"
)


def load(
    origin: str, *, most_bytes: int = MOST_BYTES, most_seconds: float = MOST_SECONDS
) -> Mapping[str, Any]:
    """The JSON object at a URL or in a file.

    Raises Refused, in one line, for whatever is in the way: no network, another answer than 200,
    a redirect, too many bytes, too slow, cut short, no JSON object.
    """
    body = _fetch(origin, most_bytes, most_seconds) if is_url(origin) else _read(origin, most_bytes)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(
            f"{origin} is no JSON: {error}; it may be cut short: fetch it again"
        ) from error
    if not isinstance(document, dict):
        raise Refused(f"{origin} holds no JSON object; give an offer file or a region index")
    return document


def is_url(origin: str) -> bool:
    """Whether it names something on the web, not a file."""
    return "://" in origin


def beside(url: str, reference: str) -> str:
    """The address that a document at `url` refers to. Raises Refused if it is on another host."""
    found = urljoin(url, reference)
    if urlsplit(found)[:2] != urlsplit(url)[:2]:
        raise Refused(f"{url} refers to {found}, which is on another host; use an index of AWS's")
    return found


def _read(name: str, most_bytes: int) -> bytes:
    try:
        with Path(name).open("rb") as file:
            body = file.read(most_bytes + 1)
    except OSError as error:
        raise Refused(f"cannot read {name}: {error.strerror}; give a file or a URL") from error
    if len(body) > most_bytes:
        raise _too_large(name, most_bytes)
    return body


def _fetch(url: str, most_bytes: int, most_seconds: float) -> bytes:
    _check(url)
    deadline = time.monotonic() + most_seconds
    try:
        with _pools(url) as pools:
            response = pools.request(
                "GET",
                url,
                # Compressed, a small answer could become any size.
                headers={"Accept-Encoding": "identity", "Accept": "application/json"},
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            with response:
                return _body(response, url, most_bytes, deadline)
    except HTTPError as error:
        raise Refused(f"cannot read {url}: {_reason(error)}; {_REMEDY}") from error


def _body(response: urllib3.BaseHTTPResponse, url: str, most_bytes: int, deadline: float) -> bytes:
    if response.status != 200:
        raise Refused(f"{url} answered with status {response.status}, not 200; {_REMEDY}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(f"{url} answered compressed, which was not asked for; {_REMEDY}")
    body = bytearray()
    # What has come so far, not a whole chunk: a server that dribbles is to be noticed in time.
    while chunk := response.read1(_CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > most_bytes:
            raise _too_large(url, most_bytes)
        if time.monotonic() > deadline:
            raise Refused(f"{url} takes too long: {len(body):,} bytes so far; {_REMEDY}")
    return bytes(body)


def _check(url: str) -> None:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.hostname and (parts.scheme == "https" or local)):
        raise Refused(f"{url} is not https, so anybody on the way could set prices; use https")


def _pools(url: str) -> urllib3.PoolManager:
    """With the proxy that the environment names for such addresses, as other clients have it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme)
    if proxy and host not in _LOOPBACK and not proxy_bypass(host):
        return urllib3.ProxyManager(proxy)
    return urllib3.PoolManager()


def _reason(error: HTTPError) -> str:
    """The cause without the objects that urllib3 prints with it."""
    text = " ".join(str(error).split())
    return text.rpartition(": ")[2] or type(error).__name__


def _too_large(origin: str, most_bytes: int) -> Refused:
    return Refused(
        f"{origin} is larger than {most_bytes:,} bytes, and no offer of one region is; give the "
        "region index or the offer file of one region"
    )

"""Ask a running cloud what it holds."""

import http.client
import json
from typing import cast

from local.adapter.census_path import PATH
from local.sagemaker.census import Census

_TIMEOUT_SECONDS = 10


class FrontSilent(Exception):
    """The cloud's port did not answer, or not as a local cloud."""


def census(port: int) -> Census:
    """How much each account holds. Raises FrontSilent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", PATH)
        response = connection.getresponse()
        body = response.read()
    except OSError as error:
        raise FrontSilent(f"127.0.0.1:{port} does not answer: {error}") from None
    finally:
        connection.close()
    if response.status != 200:
        raise FrontSilent(f"127.0.0.1:{port} answered {PATH} with {response.status}")
    return cast("Census", json.loads(body))

"""GitHub's REST API, as far as the workflows need it: JSON, with the run's own token."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

_PAGE: Final = 100
"""The most that GitHub puts on a page."""

_TIMEOUT_SECONDS: Final = 30


def ask(method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
    """GitHub's answer about what is at `path` in the run's repository.

    Ends the process with one line on stderr and exit code 1 when GitHub refuses or is out of reach.
    """
    repository = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
    request = Request(  # noqa: S310 - the runner's own GITHUB_API_URL
        f"{repository}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except HTTPError as error:
        reason = " ".join(error.read().decode(errors="replace").split())
        error.close()
        sys.exit(f"{method} {path}: GitHub answered {error.code}: {reason}")
    except (URLError, TimeoutError) as error:
        sys.exit(f"{method} {path}: GitHub is out of reach: {error}; run the job again")


def pages(path: str) -> Iterator[Any]:
    """Everything of a list, page by page."""
    number = 1
    while True:
        page = ask("GET", f"{path}?per_page={_PAGE}&page={number}")
        yield from page
        if len(page) < _PAGE:
            return
        number += 1

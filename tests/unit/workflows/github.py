"""A GitHub on loopback: the few resources that the workflows' scripts ask for."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.unit.workflows.files import SCRIPTS

TOKEN: Final = "the-run's-token"
REPOSITORY_NAME: Final = "octo/photos"
BOT: Final = "github-actions[bot]"


class GitHub:
    """Comments on pull requests and environments of one repository."""

    def __init__(self) -> None:
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.environments: dict[str, dict[str, Any]] = {}
        self.url = ""
        self.token = TOKEN
        """The token that the scripts are given."""

    def add_comment(self, number: int, author: str | None, body: str) -> dict[str, Any]:
        """A comment on a pull request; None is an account that is gone."""
        every = [comment for comments in self.comments.values() for comment in comments]
        user = None if author is None else {"login": author}
        comment = {"id": 1000 + len(every), "user": user, "body": body}
        self.comments.setdefault(number, []).append(comment)
        return comment

    def bodies(self, number: int) -> list[str]:
        return [comment["body"] for comment in self.comments.get(number, [])]

    def answer(self, method: str, path: str, body: dict[str, str]) -> tuple[int, Any]:
        """The status and value that GitHub answers with."""
        parts = urlsplit(path.removeprefix(f"/repos/{REPOSITORY_NAME}/"))
        if "body" in body and len(body["body"]) > 65_536:
            return 422, {"message": "body is too long (maximum is 65536 characters)"}
        if match := re.fullmatch(r"issues/(\d+)/comments", parts.path):
            number = int(match[1])
            if method == "POST":
                return 201, self.add_comment(number, BOT, body["body"])
            query = parse_qs(parts.query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, self.comments.get(number, [])[size * (page - 1) : size * page]
        if method == "PATCH" and (match := re.fullmatch(r"issues/comments/(\d+)", parts.path)):
            every = [comment for comments in self.comments.values() for comment in comments]
            found = next(comment for comment in every if comment["id"] == int(match[1]))
            found["body"] = body["body"]
            return 200, found
        if (name := parts.path.removeprefix("environments/")) in self.environments:
            return 200, self.environments[name]
        return 404, {"message": "Not Found"}

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of the workflows' scripts against this GitHub."""
        return subprocess.run(
            [sys.executable, str(SCRIPTS / script), *words],
            env={
                "GITHUB_API_URL": self.url,
                "GITHUB_REPOSITORY": REPOSITORY_NAME,
                "GITHUB_TOKEN": self.token,
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@contextmanager
def github() -> Iterator[GitHub]:
    """A GitHub that listens until the block ends."""
    hub = GitHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, value = 401, {"message": "Bad credentials"}
            else:
                status, value = hub.answer(
                    self.command, self.path, json.loads(content) if content else {}
                )
            reply = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()

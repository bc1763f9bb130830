"""The smallest container: `serve` answers with the model's text, `train` writes such a model."""

import http.server
import os
import sys
import time
from pathlib import Path

BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write an answer: no wait for the client's acknowledgement

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/ping" else 404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"fail":
            self.answer(500, b"the model broke")
        elif body == b"wait":
            time.sleep(2)
            self.answer(200, b"waited")
        else:
            self.answer(200, (BASE / "model" / "answer.txt").read_bytes())

    def log_message(self, *_words: object) -> None:
        """The container's log is not what these tests are about."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def serve() -> None:
    Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()


def train() -> None:
    print("trained", flush=True)
    (BASE / "model" / "answer.txt").write_text("trained")


if __name__ == "__main__":
    {"serve": serve, "train": train}[sys.argv[1]]()

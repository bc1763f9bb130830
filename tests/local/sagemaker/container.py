"""A container for tests: what it does is decided by its hyperparameters or its environment."""

import hashlib
import http.server
import json
import os
import signal
import struct
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
MAGIC = 0xCED7230A


def records(stream: BinaryIO) -> list[bytes]:
    """RecordIO payloads up to the end of a stream."""
    found = []
    while header := stream.read(8):
        magic, word = struct.unpack("<II", header)
        assert magic == MAGIC, header
        length = word & ((1 << 29) - 1)
        found.append(stream.read(length + -length % 4)[:length])
    return found


def read_epoch(channel: str, epoch: int) -> list[bytes]:
    with (BASE / "input" / "data" / f"{channel}_{epoch}").open("rb") as stream:
        return records(stream)


def train() -> int:
    given = json.loads((BASE / "input" / "config" / "hyperparameters.json").read_text())
    behaviour = given.get("behaviour", "read")
    return {
        "read": read,
        "fail": fail,
        "sleep": sleep,
        "stubborn": stubborn,
        "close-early": close_early,
        "crash": crash,
        "spawn": spawn,
    }[behaviour](given)


def read(given: dict[str, str]) -> int:
    """Reads every epoch of every Pipe channel and reports what it saw as its model."""
    configuration = json.loads((BASE / "input" / "config" / "inputdataconfig.json").read_text())
    pipes = [name for name, each in configuration.items() if each["TrainingInputMode"] == "Pipe"]
    seen: dict[str, list[list[str]]] = {name: [] for name in pipes}
    for epoch in range(int(given.get("epochs", "1"))):
        for name in pipes:
            payloads = read_epoch(name, epoch)
            seen[name].append([hashlib.sha256(each).hexdigest() for each in payloads])
        print(f"Epoch[{epoch}] Batch [20]\tSpeed: 1.0 samples/sec\taccuracy=0.5{epoch}", flush=True)
        print(f"Epoch[{epoch}] Validation-accuracy=0.9{epoch}", flush=True)
    files = sorted(
        str(path.relative_to(BASE / "input" / "data"))
        for path in (BASE / "input" / "data").rglob("*")
        if path.is_file()
    )
    environment = {
        name: value for name, value in os.environ.items() if name.startswith(("TRAINING", "MY_"))
    }
    report = {"seen": seen, "files": files, "environment": environment, "given": given}
    (BASE / "model" / "report.json").write_text(json.dumps(report))
    if "output" in given:
        (BASE / "output" / "data" / "extra.txt").write_text(given["output"])
    return 0


def close_early(_given: dict[str, str]) -> int:
    """Reads a little of epoch 0, then all of epoch 1; never opens the other channels."""
    with (BASE / "input" / "data" / "train_0").open("rb") as stream:
        stream.read(10)
    count = len(read_epoch("train", 1))
    (BASE / "model" / "report.json").write_text(json.dumps({"count": count}))
    return 0


def fail(given: dict[str, str]) -> int:
    if "failure" in given:
        (BASE / "output" / "failure").write_text(given["failure"])
    return int(given.get("code", "1"))


def crash(_given: dict[str, str]) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def sleep(_given: dict[str, str]) -> int:
    """Works until SIGTERM, then saves what it has."""

    def save(_number: int, _frame: Any) -> None:
        (BASE / "model" / "saved.txt").write_text("saved on SIGTERM")
        sys.exit(0)

    signal.signal(signal.SIGTERM, save)
    print("working", flush=True)
    while True:
        time.sleep(60)


def stubborn(_given: dict[str, str]) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("working", flush=True)
    while True:
        time.sleep(60)


def spawn(_given: dict[str, str]) -> int:
    """Leaves a child behind that holds its output open."""
    import subprocess

    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(631)"])
    return 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes
    dropped = 0
    at_once = peak = 0

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        waits = "READY_FILE" in os.environ and not Path(os.environ["READY_FILE"]).exists()
        healthy = os.environ.get("PING", "yes") == "yes" and not waits
        self.answer(200 if healthy else 503, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Handler.at_once += 1
        Handler.peak = max(Handler.peak, Handler.at_once)
        try:
            time.sleep(float(os.environ.get("SLOW", "0")))
            self.work(body)
        finally:
            Handler.at_once -= 1

    def work(self, body: bytes) -> None:
        command, _, argument = body.partition(b":")
        if command == b"status":
            self.answer(int(argument), b"the model says no")
        elif command == b"sleep":
            time.sleep(float(argument))
            self.answer(200, b"slept")
        elif command == b"die":
            os._exit(3)
        elif command == b"drop":
            Handler.dropped += 1
            self.close_connection = True
        elif command == b"large":
            self.answer(200, bytes(int(argument)))
        else:
            report = {
                "pid": os.getpid(),
                "port": self.client_address[1],
                "dropped": self.dropped,
                "size": len(body),
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "model": sorted(path.name for path in (BASE / "model").iterdir()),
                "environment": os.environ.get("MY_VARIABLE"),
                "peak": self.peak,
                "aws": sorted(name for name in os.environ if name.startswith("AWS_")),
            }
            self.answer(
                200,
                json.dumps(report).encode(),
                Content_Type="application/json",
                X_Amzn_SageMaker_Custom_Attributes="from-the-model",
            )

    def log_message(self, *_words: object) -> None:
        print(f"{self.command} {self.path}", flush=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def end_unless_stubborn(_number: int, _frame: Any) -> None:
    """SIGTERM is not heeded once a certain file is there."""
    if not Path(os.environ["STUBBORN_FILE"]).exists():
        os._exit(0)


def serve() -> int:
    if "EXIT" in os.environ:
        print("cannot serve", flush=True)
        return int(os.environ["EXIT"])
    if "STUBBORN_FILE" in os.environ:
        signal.signal(signal.SIGTERM, end_unless_stubborn)
    Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit({"serve": serve, "train": train}[sys.argv[1]]())

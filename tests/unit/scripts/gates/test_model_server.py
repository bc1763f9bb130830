"""A server that is started to be asked once: bounded in time, and gone afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scripts.gates.model_server import NoAnswer, ask
from scripts.serving.photos import Photo
from tests.unit.scripts.gates.artifacts import archive_of, artifact_in

PICTURE = Photo("sample.png", "image/png", b"picture")
NEVER = "import time; time.sleep(600)"
# Answers one request with what stands in the braces, after it has said where it listens.
SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        {}
server = http.server.HTTPServer((os.environ["SAGEMAKER_BIND_TO_HOST"], 0), Handler)
print("Serving on 127.0.0.1:" + str(server.server_port), flush=True)
server.serve_forever()
"""
TRICKLE = """for _ in range(100):
            import time
            self.wfile.write(b"HTTP/1.1 200 OK\\r\\n" if _ == 0 else b"x")
            time.sleep(0.05)"""
ANSWER = "self.send_response({}); self.end_headers(); self.wfile.write({!r})"


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


def answering(body: bytes, status: int = 200) -> tuple[str, ...]:
    return python(SERVER.format(ANSWER.format(status, body)))


@pytest.fixture(autouse=True)
def leaves_no_process() -> Iterator[None]:
    """Beside those that other tests of this process keep running."""
    before = set(psutil.Process().children(recursive=True))
    yield
    assert set(psutil.Process().children(recursive=True)) <= before


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return artifact_in(tmp_path, archive_of({"image-classification-0001.onnx": b"model"})).file


def test_the_answer_is_a_list_of_probabilities(archive: Path) -> None:
    assert ask(archive, PICTURE, command=answering(b"[0.25, 0.75]")) == [0.25, 0.75]


@pytest.mark.parametrize(
    ("program", "seconds"),
    [
        (NEVER, 0.2),
        (SERVER.format("import time; time.sleep(600)"), 1.0),
        (SERVER.format(TRICKLE), 1.0),
    ],
    ids=["it never comes up", "it never answers", "it answers for ever, bit by bit"],
)
def test_a_server_that_takes_too_long_is_given_up_and_ended(
    archive: Path, program: str, seconds: float
) -> None:
    with pytest.raises(NoAnswer, match=f"none within {seconds:g} seconds"):
        ask(archive, PICTURE, seconds=seconds, command=python(program))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (python("import sys; sys.exit('out of luck')"), "the model server ended: out of luck"),
        (python("pass"), "the model server ended: without a word"),
        (python("import nowhere_at_all"), "needs the Python package nowhere_at_all"),
        (answering(b"no model", 503), "HTTP status 503: no model"),
        (
            answering(b"node \x1b[2J\n!", 500),
            "HTTP status 500: node \N{REPLACEMENT CHARACTER}.2J !",
        ),
        (
            python("import sys; sys.exit('node \x1b[2J')"),
            "ended: node \N{REPLACEMENT CHARACTER}.2J",
        ),
        (answering(b"<html>"), "no list of probabilities"),
        (answering(b'{"a": 1}'), "no list of probabilities"),
        (answering(b"3"), "no list of probabilities"),
        (python(SERVER.format("os._exit(1)")), "the model server broke off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_server_that_fails_is_told_of_in_one_line(
    archive: Path, command: tuple[str, ...], said: str
) -> None:
    with pytest.raises(NoAnswer, match=said) as failed:
        ask(archive, PICTURE, command=command)
    assert "\n" not in str(failed.value)


def test_a_machine_without_room_is_no_reason_to_train_again(tmp_path: Path) -> None:
    large = archive_of({"image-classification-0001.onnx": bytes(100_000)})
    program = f"""
import resource
from pathlib import Path
from scripts.gates.model_server import NoAnswer, ask
from scripts.serving.photos import Photo
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    ask(Path({str(artifact_in(tmp_path, large).file)!r}), Photo("p", "image/png", b""))
except NoAnswer as reason:
    print(reason, reason.remedy, sep="\\n")
"""
    asked = subprocess.run(python(program), capture_output=True, text=True, check=True)
    reason, remedy = asked.stdout.splitlines()
    assert reason == "the model was not unpacked on this machine: File too large"
    assert "set TMPDIR" in remedy


def test_a_package_that_is_not_installed_is_no_reason_to_train_again(archive: Path) -> None:
    with pytest.raises(NoAnswer) as failed:
        ask(archive, PICTURE, command=python("import nowhere_at_all"))
    assert "`pip install -r requirements-local.txt`" in failed.value.remedy


def test_the_server_holds_no_credentials(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    asks = "self.send_response(200 if 'AWS_SECRET_ACCESS_KEY' not in os.environ else 500)"
    told = f"{asks}; self.end_headers(); self.wfile.write(b'[1]')"
    assert ask(archive, PICTURE, command=python(SERVER.format(told))) == [1.0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda each: each.name)
def test_whoever_interrupts_or_kills_the_command_leaves_no_server_behind(
    archive: Path, tmp_path: Path, number: signal.Signals
) -> None:
    if number is signal.SIGKILL and sys.platform != "linux":
        pytest.skip("elsewhere nothing ends a child with its parent")
    program = f"""
import sys
from pathlib import Path
from scripts.gates.model_server import ask
from scripts.serving.photos import Photo
ask(Path({str(archive)!r}), Photo("p", "image/png", b""), command=(sys.executable, "-c", {NEVER!r}))
"""
    # A folder of its own: whoever is killed clears nothing away.
    temporary = {**os.environ, "TMPDIR": str(tmp_path)}
    command = psutil.Popen(python(program), stderr=subprocess.DEVNULL, env=temporary)
    servers: list[psutil.Process] = []
    give_up = time.monotonic() + 60
    while not servers and time.monotonic() < give_up:
        servers = [each for each in command.children() if NEVER in each.cmdline()]
        time.sleep(0.02)
    command.send_signal(number)
    command.wait(30)
    _, alive = psutil.wait_procs(servers, timeout=30)
    assert servers
    assert alive == []

"""The model server over real HTTP, with the model that a real job stored."""

import concurrent.futures
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from algorithm.contract.invocation import BODY_LIMIT_BYTES
from tests.unit.algorithm.conftest import Finished
from tests.unit.algorithm.training_job import photo, photos


class ModelServer:
    """A server process on a port of its own."""

    def __init__(self, root: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "algorithm", "serve"],
            env={
                **os.environ,
                "SAGEMAKER_BASE_DIR": str(root),
                "SAGEMAKER_BIND_TO_HOST": "127.0.0.1",
                "SAGEMAKER_BIND_TO_PORT": "0",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_listening(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.match(r"Serving on 127.0.0.1:(\d+)", line):
                self.port = int(found[1])
                return
        raise AssertionError("the server ended before it listened")

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        finally:
            connection.close()

    def invoke(self, image: bytes, **headers: str) -> tuple[int, str, bytes]:
        return self.request(
            "POST", "/invocations", image, **{"Content_Type": "image/png", **headers}
        )


@pytest.fixture(scope="module")
def server(finished: Finished) -> Iterator[ModelServer]:
    server = ModelServer(finished.job.root)
    try:
        server.wait_until_listening()
        yield server
    finally:
        server.process.kill()
        server.process.communicate()


def test_a_ping_is_answered_200_with_nothing(server: ModelServer) -> None:
    assert server.request("GET", "/ping") == (200, "", b"")


def test_an_image_is_answered_with_a_probability_for_each_class(server: ModelServer) -> None:
    status, content_type, body = server.invoke(photo(1, 5)[0])
    probabilities = json.loads(body)
    assert (status, content_type, len(probabilities)) == (200, "application/json", 3)
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)


def test_the_server_classifies_what_the_job_learnt(server: ModelServer, finished: Finished) -> None:
    images = photos(20, seed=1)
    answers = [json.loads(server.invoke(image)[2]) for image, _ in images]
    correct = sum(np.argmax(a) == int(label) for a, (_, label) in zip(answers, images, strict=True))
    best = max(float(a) for a in re.findall(r"Validation-accuracy=([0-9.]+)", finished.log))
    # The same images as the job's validation channel, square: served as they were validated.
    assert correct / len(images) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("content_type", ["image/jpeg", "application/x-image", "IMAGE/PNG; a=b"])
def test_the_format_is_found_by_content(server: ModelServer, content_type: str) -> None:
    png = photo(2, 1)[0]
    assert server.invoke(png, Content_Type=content_type) == server.invoke(png)


def test_an_image_is_squashed_whatever_its_aspect(server: ModelServer, finished: Finished) -> None:
    wide = Image.linear_gradient("L").resize((300, 100)).convert("RGB")
    file = io.BytesIO()
    wide.save(file, "PNG")
    squashed = np.asarray(wide.resize((16, 16), Image.Resampling.BILINEAR), np.float32)
    (path,) = finished.job.layout.model.glob("*.onnx")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"data": squashed.transpose(2, 0, 1)[None]})[0]
    answer = json.loads(server.invoke(file.getvalue())[2])
    np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_batch_transform_gets_a_line_of_json(server: ModelServer) -> None:
    image = photo(0, 3)[0]
    status, content_type, body = server.invoke(image, Accept="application/jsonlines")
    assert (status, content_type) == (200, "application/jsonlines")
    assert body.endswith(b"}\n")
    assert json.loads(body) == {"prediction": json.loads(server.invoke(image)[2])}


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, application/*;q=0.5"])
def test_json_is_the_answer_to_open_wishes(server: ModelServer, accept: str) -> None:
    assert server.invoke(photo(0, 3)[0], Accept=accept)[1] == "application/json"


@pytest.mark.parametrize(
    ("body", "headers", "status", "text"),
    [
        (b"x", {"Content_Type": "text/csv"}, 415, "content type 'text/csv' is not supported"),
        (b"x", {"Content_Type": ""}, 415, "use one of image/png"),
        (b"x", {}, 400, "not a PNG or JPEG image (1 bytes)"),
        (photo(0, 0)[0][:-200], {}, 400, "truncated"),
        (b"", {}, 400, "the body is empty"),
        (photo(0, 0)[0], {"Accept": "text/csv"}, 406, "application/jsonlines"),
        (bytes(BODY_LIMIT_BYTES + 1), {}, 413, f"at most {BODY_LIMIT_BYTES}"),
    ],
    ids=["csv", "no type", "text", "cut", "empty", "accept", "too large"],
)
def test_a_bad_request_is_answered_with_its_reason_in_one_line(
    server: ModelServer, body: bytes, headers: dict[str, str], status: int, text: str
) -> None:
    answered, content_type, reason = server.invoke(body, **headers)
    assert (answered, content_type) == (status, "text/plain; charset=utf-8")
    assert text in reason.decode()
    assert len(reason.splitlines()) == 1


def test_a_body_that_hides_its_size_is_cut_off_at_the_limit(server: ModelServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    chunks = (bytes(1024 * 1024) for _ in range(BODY_LIMIT_BYTES // (1024 * 1024) + 1))
    try:
        connection.request("POST", "/invocations", chunks, {"Content-Type": "image/png"})
        assert connection.getresponse().status == 413
    finally:
        connection.close()


def test_other_paths_and_methods_are_refused(server: ModelServer) -> None:
    assert server.request("GET", "/")[0] == 404
    assert server.request("GET", "/invocations")[0] == 405
    assert server.request("POST", "/ping", b"x")[0] == 405


def test_batch_transform_is_told_to_send_single_images(server: ModelServer) -> None:
    status, _, body = server.request("GET", "/execution-parameters")
    parameters = json.loads(body)
    assert status == 200
    assert parameters["BatchStrategy"] == "SINGLE_RECORD"
    assert parameters["MaxConcurrentTransforms"] >= 1
    assert parameters["MaxPayloadInMB"] == 25


def test_many_requests_at_once_get_their_own_answers(server: ModelServer) -> None:
    images = [image for image, _ in photos(12, seed=3)]
    alone = [server.invoke(image) for image in images]
    with concurrent.futures.ThreadPoolExecutor(6) as callers:
        together = list(callers.map(server.invoke, images))
        pings = list(callers.map(lambda _: server.request("GET", "/ping")[0], range(6)))
    assert together == alone
    assert pings == [200] * 6


def test_a_signal_ends_the_server_with_success(finished: Finished) -> None:
    server = ModelServer(finished.job.root)
    server.wait_until_listening()
    idle = socket.create_connection(("127.0.0.1", server.port))
    server.request("GET", "/ping")
    server.process.send_signal(signal.SIGTERM)
    output, errors = server.process.communicate()
    idle.close()
    assert (server.process.returncode, errors) == (0, "")
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no known format"),
        ({"image-classification-0003.params": b""}, "is in MXNet's format"),
        ({"image-classification-0003.onnx": b"no protobuf"}, "cannot be loaded"),
    ],
    ids=["empty", "mxnet", "damaged"],
)
def test_a_model_that_cannot_be_served_is_named_and_the_server_ends(
    tmp_path: Path, files: dict[str, bytes], reason: str
) -> None:
    (tmp_path / "model").mkdir()
    for name, content in files.items():
        (tmp_path / "model" / name).write_bytes(content)
    server = ModelServer(tmp_path)
    _, errors = server.process.communicate()
    assert server.process.returncode == 1
    assert errors.startswith("AlgorithmError: ")
    assert reason in errors
    assert len(errors.splitlines()) == 1


def test_a_port_in_use_is_named_and_the_server_ends(finished: Finished) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        server = ModelServer(finished.job.root, SAGEMAKER_BIND_TO_PORT=port)
        _, errors = server.process.communicate()
    assert server.process.returncode == 1
    assert errors == f"AlgorithmError: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_serving_needs_no_torch() -> None:
    program = "import sys, algorithm.serving.server; print('torch' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "False"

"""Downloads over a real connection that does not do what it should."""

import socket
import threading
from pathlib import Path

import pytest

from local.instance.assignment import RoleSession
from local.instance.s3 import CHUNK_BYTES, S3, ObjectUnavailable, ObjectUri
from local.instance.signed_http import SignedHttp

WAIT_SECONDS = 30


def test_a_connection_whose_answer_was_given_up_is_closed(tmp_path: Path) -> None:
    closed = threading.Event()

    def answer_in_part(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {3 * CHUNK_BYTES}\r\n\r\n"
            connection.sendall(head.encode() + bytes(CHUNK_BYTES))
            connection.settimeout(WAIT_SECONDS)
            if connection.recv(1) == b"":
                closed.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer_in_part, args=(listener,))
        server.start()
        session = RoleSession(
            endpoint_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            region="us-east-1",
            access_key_id="a",
            secret_access_key="b",
            session_token="c",
        )
        s3 = S3(SignedHttp(session))  # lives on: it is its pool that must not keep the connection
        with pytest.raises(ObjectUnavailable, match="Timeout"):
            s3.download(ObjectUri("bucket", "key"), tmp_path / "file", timeout_seconds=0)
        assert closed.wait(WAIT_SECONDS)
        server.join()

"""The port of a model server: nobody else's until the server listens on it."""

import socket
import sys

import pytest

from local.instance.hosting import HOST, ReservedPort

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere a port cannot be reserved for another process"
)


def test_a_reserved_port_is_given_to_nobody_else() -> None:
    reserved = ReservedPort()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((HOST, reserved.number))
    reserved.release()
    with socket.socket() as other:
        other.bind((HOST, reserved.number))


def test_a_server_may_listen_on_a_port_that_is_reserved_for_it() -> None:
    reserved = ReservedPort()
    with socket.create_server((HOST, reserved.number)) as server:
        reserved.release()
        with socket.create_connection((HOST, reserved.number)):
            server.accept()[0].close()


def test_nobody_answers_on_a_reserved_port() -> None:
    reserved = ReservedPort()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, reserved.number))
    reserved.release()

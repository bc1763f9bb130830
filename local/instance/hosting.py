"""A model server on an instance: download, extract, serve, watch, stop (facts sheet B.2)."""

import http.client
import queue
import socket
import sys
import threading
import time
from pathlib import Path

from local.instance.archive import UnsafeArchive, extract
from local.instance.assignment import HostingAssignment
from local.instance.console import Console
from local.instance.container import Container, container_environment
from local.instance.control import ControlLine, Exited, PublishOrder, StopOrder
from local.instance.log_stream import LogStream
from local.instance.metrics import Datum, MetricStream
from local.instance.opt_ml import OptMl
from local.instance.s3 import S3, ObjectUnavailable, ObjectUri
from local.instance.signed_http import SignedHttp
from local.instance.utilization import Utilization
from local.instance.wire import decode

HOST = "127.0.0.1"
LOG_GROUP_PREFIX = "/aws/sagemaker/Endpoints/"
METRIC_NAMESPACE = "AWS/SageMaker"
UTILIZATION_NAMESPACE = "/aws/sagemaker/Endpoints"
PING_TIMEOUT_SECONDS = 2.0
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.25
HEALTHY = 200


class NotHosted(Exception):
    """The model server did not come up; the text is SageMaker's for it."""


class HostingRun:
    """One model server, from its assignment until it is told to stop or ends by itself."""

    def __init__(self, server: HostingAssignment, control: ControlLine) -> None:
        http_front = SignedHttp(server.session, connections=2)
        self._server = server
        self._control = control
        self._opt_ml = OptMl(Path(server.directory))
        self._s3 = S3(http_front)
        self._logs = LogStream(
            http_front,
            LOG_GROUP_PREFIX + server.endpoint_name,
            f"{server.variant_name}/{server.instance_id}",
            control.warn,
        )
        self._metrics = MetricStream(http_front, METRIC_NAMESPACE, control.warn)
        self._utilization = Utilization(
            MetricStream(http_front, UTILIZATION_NAMESPACE, control.warn),
            {"EndpointName": server.endpoint_name, "VariantName": server.variant_name},
            period_seconds=server.utilization_seconds,
            memory_bytes=server.memory_bytes,
        )
        self._container: Container | None = None

    def run(self) -> None:
        """Blocks until the server is gone; the events say how far it came."""
        self._control.watch(self._abandoned)
        try:
            self._provide_model()
            reserved = ReservedPort()
            container = self._start(reserved.number)
        except NotHosted as error:
            self._control.report("failed", reason=str(error))
            return
        port = reserved.number
        self._container = container
        self._control.report("container", pid=container.pid)
        console = Console(container.console, (self._logs,))
        console.start()
        threading.Thread(target=self._await_exit, args=(container,), daemon=True).start()
        healthy = self._await_ping(port)
        reserved.release()
        if healthy:
            self._control.report("ready", port=port)
            self._utilization.start()
            code = self._serve(container, port)
        else:
            code = self._stop(container)
            self._control.report("failed", reason=_no_ping(self._server, code))
        self._control.report("container_ended")
        console.drain()
        self._control.report("ended", code=code)

    def _provide_model(self) -> None:
        url = self._server.model_data_url
        self._opt_ml.make()
        if url is None:
            return
        archive = Path(self._server.directory) / "model.tar.gz"
        try:
            self._s3.download(ObjectUri.parse(url), archive, self._server.download_timeout_seconds)
            extract(archive, self._opt_ml.model, self._server.model_bytes_limit)
        except (ObjectUnavailable, ValueError, OSError) as error:
            raise NotHosted(
                f'Failed to download model data for container "container_1" from URL: "{url}". '
                "Please ensure that there is an object located at the URL and that the role passed "
                f"to CreateModel has permissions to download the object. ({error})"
            ) from error
        except UnsafeArchive as error:
            raise NotHosted(
                'Failed to extract model data archive for container "container_1" from URL '
                f'"{url}". Please ensure that the object located at the URL is a valid tar.gz '
                f"archive. ({error})"
            ) from error
        archive.unlink()

    def _start(self, port: int) -> Container:
        server = self._server
        environment = container_environment(
            server.session, server.environment, isolated=server.network_isolation
        ) | {
            "SAGEMAKER_BASE_DIR": str(self._opt_ml.base),
            "SAGEMAKER_BIND_TO_HOST": HOST,
            "SAGEMAKER_BIND_TO_PORT": str(port),
        }
        try:
            return Container((*server.container.command, "serve"), environment)
        except OSError as error:
            raise NotHosted(
                f"{_no_ping(server, None)} (the image did not start: {error})"
            ) from error

    def _await_ping(self, port: int) -> bool:
        deadline = time.monotonic() + self._server.ping_timeout_seconds
        pause = SHORTEST_PAUSE_SECONDS
        while time.monotonic() < deadline:
            if ping(port):
                return True
            try:
                message = self._control.inbox.get(timeout=pause)
            except queue.Empty:
                pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
                continue
            if isinstance(message, Exited | StopOrder):
                self._control.inbox.put(message)  # for `_stop`, which waits for the exit
                return False
        return False

    def _serve(self, container: Container, port: int) -> int:
        every = self._server.ping_interval_seconds
        due, failures = time.monotonic() + every, 0
        while True:
            try:
                message = self._control.inbox.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                failures = 0 if ping(port) else failures + 1
                if failures == self._server.ping_failures:
                    self._control.warn(
                        f"the model server did not answer /ping {failures} times in a row within "
                        f"{PING_TIMEOUT_SECONDS:g} seconds; it is killed and replaced"
                    )
                    container.kill()
                due = time.monotonic() + every
                continue
            match message:
                case Exited(code):
                    return code
                case StopOrder():
                    return self._stop(container)
                case PublishOrder(data):
                    self._metrics.publish([decode(Datum, each) for each in data])

    def _stop(self, container: Container) -> int:
        container.terminate()
        deadline = time.monotonic() + self._server.stop_grace_seconds
        while True:
            try:
                message = self._control.inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                container.kill()
                deadline = time.monotonic() + self._server.stop_grace_seconds
                continue
            match message:
                case Exited(code):
                    return code
                case PublishOrder(data):
                    self._metrics.publish([decode(Datum, each) for each in data])

    def _await_exit(self, container: Container) -> None:
        self._control.inbox.put(Exited(container.wait()))

    def _abandoned(self) -> None:
        if self._container is not None:
            self._container.kill()


def ping(port: int) -> bool:
    """Whether the server on a loopback port says that it is healthy, within 2 seconds."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PING_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == HEALTHY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class ReservedPort:
    """A loopback port for a model server, which nobody else is given until it is released.

    Two servers that start at once would otherwise be sent to the same port, and the /ping of one
    be answered by the other. On Linux a server with SO_REUSEADDR, which servers set, may listen
    on a port that is bound with it but not listened on; elsewhere the port is merely free now.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind((HOST, 0))
        # Not before bind: the system would then hand out a port that is reserved already.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.number = int(self._socket.getsockname()[1])
        if sys.platform != "linux":
            self.release()

    def release(self) -> None:
        """Give it up: to whoever listens on it by now, or to anybody."""
        self._socket.close()


def _no_ping(server: HostingAssignment, code: int | None) -> str:
    text = (
        f"The primary container for production variant {server.variant_name} did not pass the ping "
        "health check. Please check CloudWatch logs for this endpoint."
    )
    return text if code is None else f"{text} (exit code: {code})"

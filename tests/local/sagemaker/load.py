"""Clients that ask an endpoint all the time and count every answer."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from local.sagemaker.errors import ApiError
from local.sagemaker.invocation import Invocation
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.emulator import SCOPE

CLIENTS = 4


def answered_by(sagemaker: SageMaker, endpoint: str) -> str:
    """Which model answers one request, by the variable that tells them apart. Raises ApiError."""
    answer = sagemaker.invoke(SCOPE, Invocation(endpoint_name=endpoint, body=b"x"))
    return str(json.loads(answer.body)["environment"])


class Load:
    """What happened to the requests so far."""

    def __init__(self, sagemaker: SageMaker, endpoint: str) -> None:
        self.answers: Counter[str] = Counter()
        self.refusals: list[ApiError] = []
        self._sagemaker = sagemaker
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._over = threading.Event()

    def ask_on(self) -> None:
        """Ask until the load ends."""
        while not self._over.is_set():
            try:
                name = answered_by(self._sagemaker, self._endpoint)
            except ApiError as refusal:
                self.refusals.append(refusal)
            else:
                with self._lock:
                    self.answers[name] += 1

    def end(self) -> None:
        """No more requests."""
        self._over.set()


@contextmanager
def load_on(sagemaker: SageMaker, endpoint: str) -> Iterator[Load]:
    """Requests from several clients while the block runs; all of them are answered after it."""
    load = Load(sagemaker, endpoint)
    clients = [threading.Thread(target=load.ask_on) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield load
    finally:
        load.end()
        for client in clients:
            client.join()

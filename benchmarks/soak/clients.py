"""Concurrent clients, each of which asks again as soon as it has its answer."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from benchmarks.soak.cloud import Cloud
from benchmarks.soak.outcome import Answered, ask
from benchmarks.soak.tally import Tally

CLIENTS: Final = 20
_BACK_OFF_SECONDS: Final = 0.05
_PADDING_BYTES: Final = (0, 300, 3_000, 30_000)


def load(cloud: Cloud, endpoint: str, stop: threading.Event, clients: int = CLIENTS) -> Tally:
    """Ask until `stop`, and everyone once more: what the endpoint was left as must answer too.

    Returns the count of everything, once the last answer is there.
    """
    # One client for all threads, as boto3 recommends; a connection for each.
    runtime = cloud.client("sagemaker-runtime", clients)

    def work(client: int) -> Tally:
        tally = Tally()
        while True:
            last = stop.is_set()
            request = f"{client}.{tally.requests}"
            padding = _PADDING_BYTES[tally.requests % len(_PADDING_BYTES)]
            started = time.perf_counter()
            outcome = ask(runtime, endpoint, request, f"{request} ".encode() + bytes(padding))
            tally.count(outcome, time.perf_counter() - started)
            if last:
                return tally
            if not isinstance(outcome, Answered):
                stop.wait(_BACK_OFF_SECONDS)

    total = Tally()
    with ThreadPoolExecutor(clients) as pool:
        for tally in pool.map(work, range(clients)):
            total.add(tally)
    return total

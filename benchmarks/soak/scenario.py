"""A layout, a disturbance, and what may go wrong for a client meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from benchmarks.soak.clients import load
from benchmarks.soak.cloud import Cloud
from benchmarks.soak.disturbance import Disturb
from benchmarks.soak.layout import GENERATIONS, Layout, endpoint
from benchmarks.soak.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One run of the soak."""

    what: str
    layout: Layout
    disturb: Disturb
    errors: frozenset[str] = frozenset()
    """The documented errors that a client has to expect; an update brings none."""
    generations: tuple[int, ...] = GENERATIONS[:1]
    """Those whose models must have answered in the end."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a scenario came to."""

    scenario: Scenario
    tally: Tally
    disturbances: int
    seconds: float

    @property
    def faults(self) -> list[str]:
        """What ought not to have happened, one line each."""
        tally = self.tally
        unexpected = {
            code: count for code, count in tally.errors.items() if code not in self.scenario.errors
        }
        expected = {
            model
            for generation in self.scenario.generations
            for model in self.scenario.layout.models(generation)
        }
        return [
            *(f"lost: {each}" for each in tally.lost),
            *(f"mixed up: {each}" for each in tally.mixed_up),
            *(f"{count} requests failed with {code}" for code, count in unexpected.items()),
            *(f"{model} never answered" for model in sorted(expected - set(tally.models))),
            *(f"{model} answered" for model in sorted(set(tally.models) - expected)),
        ]


def run(cloud: Cloud, scenario: Scenario, seconds: float) -> Result:
    """Disturb the scenario's endpoint for so long, under load from before to after.

    Raises what the disturbance raises.
    """
    enough, stop = threading.Event(), threading.Event()
    with endpoint(cloud, scenario.layout) as name, ThreadPoolExecutor(2) as pool:
        loaded = pool.submit(load, cloud, name, stop)
        disturbed = pool.submit(scenario.disturb, cloud, name, enough)
        try:
            # A disturbance that fails ends the run at once: what follows would say nothing.
            wait([disturbed], timeout=seconds)
            enough.set()
            disturbances = disturbed.result()
        finally:
            enough.set()
            stop.set()
        tally = loaded.result()
    return Result(scenario=scenario, disturbances=disturbances, tally=tally, seconds=seconds)

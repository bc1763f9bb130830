"""`python -m benchmarks.soak.rollouts`: draw what a client sees of each kind of update."""

import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np

from benchmarks.soak.cloud import REPOSITORY, Cloud, running_cloud
from benchmarks.soak.disturbance import canary, linear, rolling
from benchmarks.soak.layout import Layout, endpoint
from benchmarks.soak.outcome import Answered, ask

PICTURE: Final = REPOSITORY / "docs" / "pictures" / "rollouts.svg"
FLEET: Final = Layout(name="fleet", instances=4)
_CLIENTS: Final = 8
_WAIT_SECONDS: Final = 8
_BEFORE_SECONDS, _AFTER_SECONDS = 2.0, 4.0
_BIN_SECONDS: Final = 0.5
_ALARM: Final = "too-many-errors"
_OLD, _NEW, _MARK = "#2b6cb0", "#c05621", "#1f2933"


@dataclass(frozen=True, kw_only=True)
class Update:
    """An update to draw: its deployment configuration, and when its alarm fires, if at all."""

    title: str
    deployment: dict[str, Any]
    alarm_after_seconds: float | None = None


@dataclass
class Seen:
    """When each answer came, and whether from the new model; seconds from UpdateEndpoint."""

    answers: list[tuple[float, bool]] = field(default_factory=list)
    failures: int = 0
    updated_seconds: float = 0.0


def updates() -> list[Update]:
    """One of each kind, and one that is rolled back."""
    step = {"Type": "CAPACITY_PERCENT", "Value": 25}
    all_at_once = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": _WAIT_SECONDS,
        }
    }
    careful, gradual, batches = canary(_WAIT_SECONDS), linear(_WAIT_SECONDS), rolling(_WAIT_SECONDS)
    careful["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["CanarySize"] = step
    gradual["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["LinearStepSize"] = step
    batches["RollingUpdatePolicy"]["MaximumBatchSize"] = step
    watched = {**careful, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": _ALARM}]}}
    return [
        Update(title="all at once", deployment=all_at_once),
        Update(title="canary of 25 %", deployment=careful),
        Update(title="linear, 25 % a step", deployment=gradual),
        Update(title="rolling, one of four instances at a time", deployment=batches),
        Update(
            title="canary of 25 %, whose alarm fires",
            deployment=watched,
            alarm_after_seconds=_WAIT_SECONDS / 2,
        ),
    ]


def watch(cloud: Cloud, update: Update) -> Seen:
    """Update an endpoint under load; what its clients saw."""
    with endpoint(cloud, FLEET) as name, ThreadPoolExecutor(_CLIENTS + 1) as pool:
        started, stop, seen = time.monotonic() + _BEFORE_SECONDS, threading.Event(), Seen()
        runtime = cloud.client("sagemaker-runtime", _CLIENTS)

        def work(client: int) -> None:
            count = 0
            while not stop.is_set():
                request = f"{client}.{count}"
                outcome = ask(runtime, name, request, f"{request} ".encode())
                if isinstance(outcome, Answered):
                    new = outcome.model.endswith("-1")
                    seen.answers.append((time.monotonic() - started, new))
                else:
                    seen.failures += 1
                count += 1
                time.sleep(0.02)

        clients = [pool.submit(work, number) for number in range(_CLIENTS)]
        try:
            time.sleep(_BEFORE_SECONDS)
            _update(cloud, name, update)
            seen.updated_seconds = time.monotonic() - started
            time.sleep(_AFTER_SECONDS)
        finally:
            stop.set()
        for client in clients:
            client.result()
    return seen


def _update(cloud: Cloud, name: str, update: Update) -> None:
    sagemaker, cloudwatch = cloud.client("sagemaker"), cloud.client("cloudwatch")
    sagemaker.update_endpoint(
        EndpointName=name, EndpointConfigName=f"{name}-1", DeploymentConfig=update.deployment
    )
    while sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] != "InService":
        time.sleep(0.2)
        if update.alarm_after_seconds is not None and _baking(sagemaker, name):
            time.sleep(update.alarm_after_seconds)
            cloudwatch.set_alarm_state(AlarmName=_ALARM, StateValue="ALARM", StateReason="drawn")
            update = Update(title=update.title, deployment=update.deployment)


def _baking(sagemaker: Any, name: str) -> bool:
    pending = sagemaker.describe_endpoint(EndpointName=name).get("PendingDeploymentSummary", {})
    phases = [
        status["Status"]
        for variant in pending.get("ProductionVariants", [])
        for status in variant.get("VariantStatus", [])
    ]
    return "Baking" in phases


def draw(results: Sequence[tuple[Update, Seen]], picture: Path) -> None:
    """A panel an update: the new model's share of the answers against time."""
    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "darkroom", "svg.fonttype": "none"})
    from matplotlib import pyplot as plt

    latest = max(seen.answers[-1][0] for _, seen in results)
    figure, panels = plt.subplots(
        len(results), 1, figsize=(8, 1.55 * len(results)), sharex=True, layout="constrained"
    )
    for panel, (update, seen) in zip(panels, results, strict=True):
        times = np.array([at for at, _ in seen.answers])
        new = np.array([new for _, new in seen.answers])
        edges = np.arange(-_BEFORE_SECONDS, times.max(), _BIN_SECONDS)
        every, _ = np.histogram(times, edges)
        by_new, _ = np.histogram(times[new], edges)
        share = np.where(every > 0, 100 * by_new / np.maximum(every, 1), np.nan)
        panel.fill_between(edges[:-1], share, 100, step="post", color=_OLD, alpha=0.25, lw=0)
        panel.fill_between(edges[:-1], 0, share, step="post", color=_NEW, alpha=0.75, lw=0)
        panel.axvline(0, color=_MARK, lw=1)
        panel.axvline(seen.updated_seconds, color=_MARK, lw=1, ls=":")
        answered = f"{len(seen.answers):,} answers, {seen.failures} failures"
        panel.set_title(f"{update.title}   ({answered})", loc="left", fontsize=10)
        panel.set(ylim=(0, 100), yticks=(0, 50, 100), xlim=(-_BEFORE_SECONDS, latest))
        panel.spines[["top", "right"]].set_visible(False)
    panels[len(results) // 2].set_ylabel("answers in percent:  old (blue), new model (orange)")
    panels[-1].set_xlabel("seconds since UpdateEndpoint; dotted: InService again")
    figure.savefig(picture, metadata={"Date": None})


def main() -> int:
    """Returns 1 when a request failed during an update."""
    results = []
    with running_cloud() as cloud:
        cloud.client("cloudwatch").put_metric_alarm(
            AlarmName=_ALARM,
            Namespace="darkroom/soak",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
        )
        for update in updates():
            seen = watch(cloud, update)
            results.append((update, seen))
            sys.stdout.write(
                f"{update.title}: {len(seen.answers)} answers, {seen.failures} failures, "
                f"InService after {seen.updated_seconds:.1f} s\n"
            )
            sys.stdout.flush()
    draw(results, PICTURE)
    return 1 if any(seen.failures for _, seen in results) else 0


if __name__ == "__main__":
    sys.exit(main())

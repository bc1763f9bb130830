"""A finished job on paper: metrics.csv, run.json, and the plot that is drawn from them."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.files import write_atomically
from scripts.training.history import Epoch, TrainingHistory
from scripts.training.job import TrainingJob

_FIELDS: Final = ("epoch", "train_accuracy", "validation_accuracy", "seconds")


def write_report(folder: Path, job: TrainingJob, history: TrainingHistory) -> Path:
    """Write the job's metrics and plot into `folder` and return the plot's path (the PNG)."""
    write_atomically(folder / "metrics.csv", _metrics_csv(history.epochs).encode())
    write_atomically(folder / "run.json", _run_json(job, history).encode())
    return draw(folder)


def _metrics_csv(epochs: Sequence[Epoch]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_FIELDS)
    for epoch in epochs:
        writer.writerow(
            [epoch.number, epoch.train_accuracy, epoch.validation_accuracy, epoch.seconds]
        )
    return text.getvalue()


def _run_json(job: TrainingJob, history: TrainingHistory) -> str:
    best = history.best
    run = {
        "training_job_name": job.name,
        "training_job_arn": job.arn,
        "status": job.status,
        "image": job.image,
        "artifact_url": job.artifact_url,
        "dataset_id": job.dataset_id,
        "hyperparameters": dict(job.hyperparameters),
        "billable_seconds": job.billable_seconds,
        "best_epoch": best.number if best else None,
        "validation_accuracy": best.validation_accuracy if best else None,
    }
    return json.dumps(run, indent=2, sort_keys=True) + "\n"


def draw(folder: Path) -> Path:
    """Draw accuracy.png and accuracy.svg from the folder's metrics.csv and run.json alone."""
    with (folder / "metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = [{name: float(row[name]) for name in _FIELDS} for row in csv.DictReader(file)]
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for suffix in ("png", "svg"):
        picture = io.BytesIO()
        _plot(rows, run, picture, suffix)
        write_atomically(folder / f"accuracy.{suffix}", picture.getvalue())
    return folder / "accuracy.png"


def _plot(
    rows: Sequence[dict[str, float]], run: dict[str, object], picture: io.BytesIO, suffix: str
) -> None:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in rows]
    series = (
        ("train_accuracy", "training", "#8a8f98", "--"),
        ("validation_accuracy", "validation", "#1f5fbf", "-"),
    )
    for name, label, colour, line in series:
        values = [100 * row[name] for row in rows]
        axes.plot(epochs, values, line, color=colour, label=label, marker="o", markersize=4)
    best = max(rows, key=lambda row: row["validation_accuracy"])
    percent = 100 * best["validation_accuracy"]
    axes.plot(best["epoch"], percent, "o", color="#1f5fbf", markersize=9)
    axes.set_title(
        f"best: {percent:.2f} % (epoch {best['epoch']:.0f})",
        loc="right",
        fontsize=11,
        color="#1f5fbf",
    )
    axes.set_title(str(run["training_job_name"]), loc="left", fontsize=11)
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy")
    lowest = min(100 * row[name] for row in rows for name, *_ in series)
    axes.set_ylim(max(-1.5, lowest - 4), 101.5)
    axes.set_xlim(epochs[0] - 0.2, epochs[-1] + 0.2)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    axes.grid(axis="y", color="#e4e6ea")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    # Neither the date nor a random id: the same run always gives the same file.
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "darkroom", "svg.fonttype": "none"}):
        metadata = {"Date": None} if suffix == "svg" else None
        figure.savefig(picture, format=suffix, dpi=144, metadata=metadata)

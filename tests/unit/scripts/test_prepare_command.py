"""`darkroom prepare` as the command an operator types, interrupts and repeats."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataset.assembly import assemble
from dataset.folder import open_folder
from dataset.layout import Layout
from scripts.prepare import prepare
from tests.unit.dataset.photos import any_jpeg, any_png, two_classes, write_folder
from tests.unit.scripts.stock_cloud import (
    deploy_bucket,
    has_an_image,
    images_of,
    session_to,
    stock_cloud,
    versions,
)

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cloud with the data stack of environment `local`."""
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        deploy_bucket(session_to(url))
        yield url


def command(*words: object) -> list[str]:
    program = [sys.executable, "-m", "scripts", "prepare", "--env", "local"]
    return [*program, *(str(word) for word in words)]


def variables(url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {**kept, **keys, "AWS_ENDPOINT_URL": url, "PYTHONPATH": str(REPOSITORY)}


def test_the_command_names_rejected_files_and_the_next_verb(url: str, tmp_path: Path) -> None:
    root = two_classes(tmp_path)
    write_folder(root, {f"cat/{number:02}.txt": b"notes" for number in range(25)})
    finished = subprocess.run(
        command(root, "--json", "--seed", "7", "--validation-fraction", "0.5", "--verify"),
        env=variables(url),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(finished.stdout)
    assert answer["classes"] == ["cat", "dog"]
    assert answer["counts"] == {
        "train": {"cat": 2, "dog": 2},
        "validation": {"cat": 2, "dog": 2},
    }
    assert len(answer["rejected"]) == 25
    assert answer["uploaded_images"] == 8
    told = finished.stderr.splitlines()
    assert told[0] == "25 files rejected:"
    assert told[1].startswith("  cat/00.txt: format: text; limit: PNG or JPEG, by content; ")
    assert len([line for line in told if line.startswith("  cat/")]) == 20
    assert "and 5 more" in told[21]
    assert told[-1] == f"next: darkroom train --env local --dataset {answer['dataset_id']}"
    plain = subprocess.run(
        command(root), env=variables(url), capture_output=True, text=True, check=True
    )
    assert "8 images" in plain.stdout
    assert "25 files" in plain.stdout


@pytest.mark.parametrize(
    ("files", "options", "text"),
    [
        (None, (), "no such folder"),
        ({}, (), "no classes"),
        ({"cat/1.png": any_png()}, (), "only one class"),
        ({"cat/1.png": any_png(), "dog/1.png": any_png(2)}, (), "class cat has 1 usable image "),
        ({}, ("--validation-fraction", "1"), "validation fraction 1 is not between 0 and 1"),
    ],
)
def test_a_folder_that_is_no_dataset_gets_one_line_and_exit_code_1(
    url: str,
    tmp_path: Path,
    files: dict[str, bytes] | None,
    options: tuple[str, ...],
    text: str,
) -> None:
    root = tmp_path / "photos"
    if files is not None:
        root.mkdir()
        write_folder(root, files)
    finished = subprocess.run(
        command(root, *options), env=variables(url), capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith("darkroom: ")
    assert text in line


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_prepare_is_incomplete_until_it_is_repeated(
    url: str, tmp_path: Path, stop: signal.Signals
) -> None:
    session = session_to(url)
    photo = any_jpeg()  # with other bytes behind its end it is another content
    write_folder(
        tmp_path,
        {
            f"{name}/{number}.jpg": photo + b"%d %d %d" % (number, label, stop)
            for label, name in enumerate(("cat", "dog"))
            for number in range(800)
        },
    )
    dataset = assemble(open_folder(tmp_path), validation_fraction=0.2, seed=0)
    layout = Layout(dataset.id)
    with subprocess.Popen(
        command(tmp_path), env=variables(url), stderr=subprocess.PIPE, text=True
    ) as running:
        while not has_an_image(session, layout):
            assert running.poll() is None
            time.sleep(0.005)
        running.send_signal(stop)
        assert running.stderr is not None
        words = running.stderr.read()
    if stop is signal.SIGINT:
        assert words.splitlines()[-1].startswith("darkroom: interrupted; repeat")
        assert "Traceback" not in words
    assert 0 < len(images_of(session, layout)) < 1600
    assert layout.description not in versions(session)
    again = prepare(session, tmp_path)
    assert again.reused_images > 0
    assert len(images_of(session, layout)) == 1600
    assert layout.description in versions(session)

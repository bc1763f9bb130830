"""A git history with a branch for each change that somebody might propose."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from config.environments import DEV, PROD
from config.release import Release
from config.served_in import Override
from tests.checkout import copy_of_the_repository
from tests.stacks.assembly import model_of, release_of, write_release

_WHO = {
    "GIT_AUTHOR_NAME": "A Person",
    "GIT_AUTHOR_EMAIL": "person@example.com",
    "GIT_AUTHOR_DATE": "2026-11-20T12:00:00+00:00",
    "GIT_COMMITTER_NAME": "A Person",
    "GIT_COMMITTER_EMAIL": "person@example.com",
    "GIT_COMMITTER_DATE": "2026-11-20T12:00:00+00:00",
    # Nobody's own configuration: it could sign, or call another branch main.
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
Change = Callable[[Path], None]


def git(folder: Path, *words: str) -> str:
    """What git says; it has to succeed."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    finished = subprocess.run(
        ["git", "-C", str(folder), *words],
        env={**variables, **_WHO},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, f"git {words}\n{finished.stderr}"
    return finished.stdout.strip()


def edited(file: Path, old: str, new: str) -> None:
    """Replace what has to stand there exactly once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class History:
    """The repository in `folder`, and its commits by name; `main` is checked out."""

    folder: Path
    commits: Mapping[str, str]


def history(folder: Path) -> History:
    """The files of this repository, dev and prod released, and a branch for each of `CHANGES`."""
    copy_of_the_repository(folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    with (folder / ".git" / "info" / "exclude").open("a", encoding="utf-8") as file:
        file.write("node_modules\n")
    for settings in (DEV, PROD):
        write_release(release_of(settings), folder / "config" / "releases")
    commits = {"main": _commit(folder, "dev and prod released")}
    for name, change in CHANGES.items():
        git(folder, "switch", "--quiet", "--create", name, "main")
        change(folder)
        commits[name] = _commit(folder, name)
    git(folder, "switch", "--quiet", "main")
    return History(folder=folder, commits=commits)


def _commit(folder: Path, message: str) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def _larger_instances(folder: Path) -> None:
    edited(
        folder / "config" / "environments.py",
        'instance_type="ml.m5.xlarge",',
        'instance_type="ml.m5.2xlarge",',
    )


def _new_model(folder: Path) -> None:
    """A better one for dev; for prod one that is worse and that a person let through."""
    better = release_of(
        DEV,
        "second",
        metrics={"validation_accuracy": 0.99, "best_epoch": 7},
        hyperparameters={"num_classes": "2", "num_training_samples": "240"},
        dataset_id="fedcba9876543210",
    )
    worse = model_of(
        PROD, "hasty", metrics={"validation_accuracy": 0.93, "best_epoch": 2}, served_in=None
    )
    let_through = replace(
        worse,
        override=Override(
            gates=("served_in",),
            reason="the photos of @everyone | are <b>urgent</b> `now`",
            by="arn:aws:iam::111122223333:user/hasty",
            at="2026-11-20T12:00:00+00:00",
        ),
    )
    releases = folder / "config" / "releases"
    write_release(better, releases)
    write_release(
        Release(environment="prod", models={"champion": let_through}, weights={"champion": 1.0}),
        releases,
    )


def _two_accounts(folder: Path) -> None:
    """Dev's and prod's, until then left open."""
    file = folder / "config" / "environments.py"
    first, *others = file.read_text(encoding="utf-8").split("account=None")
    accounts = ("222222222222", "111111111111")
    pairs = zip(accounts, others, strict=True)
    text = first + "".join(f'account="{account}"{rest}' for account, rest in pairs)
    file.write_text(text, encoding="utf-8")


def _widened_policy(folder: Path) -> None:
    edited(
        folder / "stacks" / "serving.py",
        "        artifacts.grant_read(hosting.role, prefixes.MODELS)\n",
        "        artifacts.grant_read(hosting.role, prefixes.MODELS)\n"
        "        artifacts.grant_delete(hosting.role, prefixes.MODELS)\n",
    )


def _replaced_bucket(folder: Path) -> None:
    edited(
        folder / "stacks" / "data.py",
        "        CfnOutput(self, outputs.DATASETS_BUCKET,",
        "        self.datasets.bucket.node.default_child.add_property_override(\n"
        '            "BucketName", f"photos-of-{settings.name}"\n'
        "        )\n"
        "        CfnOutput(self, outputs.DATASETS_BUCKET,",
    )


def _renamed_variant(folder: Path) -> None:
    edited(
        folder / "stacks" / "parts" / "variant.py",
        "        variant_name=role,",
        '        variant_name=f"{role}-model",',
    )


def _deleted_endpoint(folder: Path) -> None:
    edited(
        folder / "config" / "environments.py",
        "    serverless=ServerlessSettings(memory_size_mb=4096, max_concurrency=20),\n",
        "    serverless=None,\n",
    )


def _without_proof(folder: Path) -> None:
    release = release_of(PROD, "unproven", served_in=None)
    write_release(release, folder / "config" / "releases")


def _broken(folder: Path) -> None:
    edited(
        folder / "config" / "environments.py",
        'instance_type="ml.m5.xlarge",',
        'instance_type="ml.m5.xlarge", instance_count=0,',
    )


def _words_alone(folder: Path) -> None:
    edited(folder / "LICENSE", "MIT License", "The MIT License")


CHANGES: Mapping[str, Change] = {
    "settings": _larger_instances,
    "model": _new_model,
    "policy": _widened_policy,
    "bucket": _replaced_bucket,
    "variant": _renamed_variant,
    "endpoint": _deleted_endpoint,
    "accounts": _two_accounts,
    "unproven": _without_proof,
    "broken": _broken,
    "words": _words_alone,
}

"""That what the workflows run exists: targets, verbs, options, scripts, outputs, variables."""

import os
import re
import shlex
import subprocess
from fnmatch import fnmatch
from importlib import import_module

import pytest

from scripts.cli import _VERBS
from tests.unit.workflows.files import (
    REPOSITORY,
    SCRIPTS,
    all_steps,
    commands,
    job,
    jobs,
    triggers,
    workflows,
)

VERB = re.compile(r"^\.venv/bin/darkroom (.+?)(?: >| 2>| \||$)", re.MULTILINE)
OF_THE_RUNNER = ("GITHUB_", "RUNNER_")


def verbs() -> list[list[str]]:
    """Each call of the CLI as its words, a variable's name standing for its value."""
    return [
        shlex.split(call.replace("$environment", "dev").replace("$ENVIRONMENT", "dev"))
        for command in commands().values()
        for call in VERB.findall(command)
    ]


@pytest.mark.parametrize("command", commands().values(), ids=commands().keys())
def test_the_shell_of_a_step_is_sound(command: str) -> None:
    checked = subprocess.run(
        ["bash", "-n"], input=command, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_make_target_that_is_run_exists() -> None:
    texts = [*commands().values(), (REPOSITORY / ".ci/run").read_text()]
    targets = {
        target for text in texts for target in re.findall(r"^make ([\w-]+)$", text, re.MULTILINE)
    }
    assert targets == {"cli", "test"}
    for target in targets:
        subprocess.run(
            ["make", "--dry-run", "--quiet", target],
            cwd=REPOSITORY,
            check=True,
            capture_output=True,
        )


@pytest.mark.parametrize("words", verbs(), ids=" ".join)
def test_every_verb_that_is_run_takes_the_words_it_is_given(words: list[str]) -> None:
    name, *rest = words
    command = import_module(_VERBS[name].module).command
    command.make_context(name, rest)  # parses, and runs nothing


def test_the_verbs_that_are_run_are_these() -> None:
    assert sorted(" ".join(words) for words in verbs()) == [
        "deploy --env dev --plan",
        "deploy --env dev --yes",
        "diff --base $base --head HEAD --format markdown",
    ]


def test_every_script_that_is_run_exists_and_may_be_run() -> None:
    named = {
        name
        for command in commands().values()
        for name in re.findall(r"\.github/scripts/([\w.]+)", command)
    }
    assert named == {path.name for path in SCRIPTS.iterdir() if path.is_file()} - {"api.py"}
    for name in named:
        assert name.endswith(".py") or os.access(SCRIPTS / name, os.X_OK), name


def test_every_variable_of_a_step_is_given_to_it() -> None:
    for place, step in all_steps():
        used = set(re.findall(r"\$\{?([A-Z_]+)", step.get("run", "")))
        missing = {name for name in used if not name.startswith(OF_THE_RUNNER)}
        assert missing <= set(step.get("env", {})), place


def test_every_output_that_is_asked_for_is_written() -> None:
    written = {
        "diff": {"verdict"},
        "released": {"dev", "prod"},  # the words that the script is called with
    }
    for each in jobs():
        steps = {step["id"] for step in each.steps if "id" in step}
        for step, output in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", str(each.value)):
            assert step in steps
            assert output in written[step]
        needed = each.value.get("needs", [])
        for other, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", str(each.value)):
            assert other in ([needed] if isinstance(needed, str) else needed)
            assert output in job(each.workflow, other).value["outputs"]


def test_the_history_that_a_script_reads_is_checked_out() -> None:
    depths = {
        (each.workflow, each.name): each.steps[0]["with"].get("fetch-depth", 1)
        for each in jobs()
        if any(script in str(each.value) for script in ("released.sh", "HEAD^1"))
    }
    assert depths == {("deploy", "released"): 0, ("diff", "diff"): 2}


def test_what_a_template_can_come_from_is_deployed() -> None:
    ignored = triggers(workflows()["deploy"])["push"]["paths-ignore"]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    origins = ("app.py", "cdk.json", "requirements.txt", "constraints.txt", "package-lock.json")
    folders = ("config/", "stacks/", "dataset/", "algorithm/contract/", "scripts/")
    for path in tracked:
        if path in origins or (path.startswith(folders) and not path.endswith(".md")):
            assert not any(fnmatch(path, pattern) for pattern in ignored), path
    for pattern in ignored:
        assert any(fnmatch(path, pattern) for path in tracked), f"{pattern} ignores nothing"

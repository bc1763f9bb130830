"""A model without the proof that its environment asks for is marked, and not deployed."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from config.environments import DEV, PROD
from config.release import Release
from config.released_model import ReleasedModel
from config.served_in import Override
from config.settings import Settings
from config.traffic import Split
from scripts.cdk import with_node
from scripts.deployment.assembly import stacks_of
from tests.releases import any_proof
from tests.stacks.assembly import application, model_of, release_of
from tests.stacks.test_synth import CLI

STACKS = {"Data", "Training", "Delivery", "Serving"}
LET_PASS = Override(
    gates=("served_in",),
    reason="dev is down, and prod answers wrongly",
    by="arn:aws:sts::444455556666:assumed-role/Admin/grace",
    at="2026-11-22T21:30:00+00:00",
)


def with_champion(model: ReleasedModel) -> Release:
    return Release(environment="prod", models={"champion": model}, weights={"champion": 1.0})


def unproven(**different: object) -> ReleasedModel:
    return replace(model_of(PROD), served_in=None, **different)  # type: ignore[arg-type] # members


def errors(folder: Path, release: Release, prod: Settings = PROD) -> Mapping[str, Sequence[str]]:
    """By stack, of both environments; the templates of both are written whatever is wrong."""
    app = application(folder, environments=[DEV, prod], releases=[release_of(DEV), release])
    app.synth()
    stacks = [
        stack for environment in ("dev", "prod") for stack in stacks_of(folder / "out", environment)
    ]
    assert {stack.id for stack in stacks} == {f"{e}/{s}" for e in ("dev", "prod") for s in STACKS}
    return {stack.id: stack.errors for stack in stacks if stack.errors}


def one(found: Mapping[str, Sequence[str]]) -> str:
    """The one error that all stacks of prod carry, and none of dev."""
    assert set(found) == {f"prod/{stack}" for stack in STACKS}
    (text,) = {text for texts in found.values() for text in texts}
    assert "\n" not in text
    return text


def test_a_model_that_dev_served_is_not_marked(tmp_path: Path) -> None:
    assert errors(tmp_path, release_of(PROD)) == {}


def test_a_model_without_proof_marks_the_stacks_of_its_environment_alone(tmp_path: Path) -> None:
    text = one(errors(tmp_path, with_champion(unproven())))
    assert "environment prod: the champion (darkroom-dev-first) may not be deployed" in text
    assert "no proof that dev serves it" in text
    assert "`darkroom promote --from dev --to prod`" in text
    assert "`darkroom release darkroom-dev-first --env prod --override REASON`" in text


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        (any_proof(model_of(PROD, "second")), "its proof is of artifact"),
        (any_proof(model_of(PROD), environment="staging"), "its proof is of staging"),
    ],
    ids=["another model", "another environment"],
)
def test_a_proof_speaks_for_one_model_and_one_environment(
    proof: object, why: str, tmp_path: Path
) -> None:
    assert why in one(errors(tmp_path, with_champion(replace(unproven(), served_in=proof))))  # type: ignore[arg-type] # parametrized


def test_every_role_has_to_be_proven(tmp_path: Path) -> None:
    release = release_of(PROD).with_model("challenger", unproven())
    text = one(errors(tmp_path, release, replace(PROD, traffic=Split())))
    assert "the challenger" in text
    assert "--to prod --as challenger`" in text
    assert "--env prod --role challenger --override" in text


def test_a_recorded_override_lifts_the_mark_and_stays_visible(tmp_path: Path) -> None:
    assert errors(tmp_path, with_champion(unproven(override=LET_PASS))) == {}
    metadata = "".join(file.read_text() for file in (tmp_path / "out").rglob("*.metadata.json"))
    assert metadata.count("aws:cdk:info") == len(STACKS)
    assert "grace let it pass on 2026-11-22: dev is down, and prod answers wrongly" in metadata


@pytest.mark.parametrize(
    ("elsewhere", "released"),
    [({}, True), ({"account": "111122223333"}, True), ({"account": "444455556666"}, False)],
    ids=["one trial account", "the job's account", "another account"],
)
def test_the_way_past_the_mark_is_named_where_the_job_is_known(
    elsewhere: dict[str, str], released: bool, tmp_path: Path
) -> None:
    prod = replace(PROD, **elsewhere)  # type: ignore[arg-type] # members
    text = one(errors(tmp_path, with_champion(unproven()), prod))
    assert "`darkroom promote --from dev --to prod`" in text
    assert ("darkroom release" in text) is released


def test_an_override_that_a_proof_came_after_is_not_told_of_as_a_lack(tmp_path: Path) -> None:
    proven = replace(model_of(PROD), override=LET_PASS)
    assert errors(tmp_path, with_champion(proven)) == {}
    metadata = "".join(file.read_text() for file in (tmp_path / "out").rglob("*.metadata.json"))
    assert "aws:cdk:info" not in metadata


def test_an_override_of_another_gate_lifts_nothing(tmp_path: Path) -> None:
    other = replace(LET_PASS, gates=("accuracy",))
    one(errors(tmp_path, with_champion(unproven(override=other))))


def cdk(assembly: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real CLI, with no credentials and nothing of the caller's but where programs are."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(assembly.parent)}
    return subprocess.run(
        ["node", str(CLI), *arguments, "--no-notices", "--app", str(assembly)],
        cwd=assembly.parent,
        env=with_node({**variables, "CDK_DISABLE_CLI_TELEMETRY": "true"}),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_cli_refuses_what_is_marked_and_goes_on_with_the_rest(tmp_path: Path) -> None:
    errors(tmp_path, with_champion(unproven()))
    assembly = tmp_path / "out"
    for arguments in (["synth", "prod/*", "--quiet"], ["deploy", "prod/Serving", "--yes"]):
        refused = cdk(assembly, *arguments)
        assert refused.returncode == 1
        assert "no proof that dev serves it" in refused.stderr
    accepted = cdk(assembly, "synth", "dev/*", "--quiet")
    assert accepted.returncode == 0, accepted.stderr
    assert "no proof" not in accepted.stdout + accepted.stderr
    # As `darkroom bootstrap` deploys what holds no model.
    passed_over = cdk(assembly, "synth", "prod/Delivery", "--quiet", "--ignore-errors")
    assert passed_over.returncode == 0, passed_over.stderr


def test_python_alone_writes_the_templates_of_what_is_marked(tmp_path: Path) -> None:
    """For `darkroom diff`, which shows a reviewer what would be deployed."""
    for release in (release_of(DEV), with_champion(unproven())):
        application(tmp_path, environments=[], releases=[release])
    program = (
        "from pathlib import Path; from stacks.application import Application, synthesize; "
        f"synthesize(Application(releases=Path({str(tmp_path / 'releases')!r}), "
        f"outdir=Path({str(tmp_path / 'out')!r})))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert all(stack.errors for stack in stacks_of(tmp_path / "out", "prod"))

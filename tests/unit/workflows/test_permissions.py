"""What a job on GitHub may do, and whose code it trusts with that."""

import re

from config.environments import ENVIRONMENTS
from config.pipeline import PipelineSettings
from tests.unit.workflows.files import (
    action,
    all_steps,
    commands,
    job,
    jobs,
    sources,
    triggers,
    workflows,
)

PINNED = re.compile(r"uses: [\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def test_a_workflow_may_do_nothing_that_a_job_does_not_ask_for() -> None:
    assert {name: workflow["permissions"] for name, workflow in workflows().items()} == {
        name: {} for name in workflows()
    }


def test_each_job_has_the_permissions_it_needs_and_no_others() -> None:
    assert {(job.workflow, job.name): job.permissions for job in jobs()} == {
        ("checks", "checks"): {"contents": "read"},
        ("diff", "diff"): {"contents": "read"},
        ("diff", "comment"): {"contents": "read", "pull-requests": "write"},
        ("diff", "second-pair-of-eyes"): {"contents": "read", "actions": "read"},
        ("deploy", "released"): {"contents": "read"},
        ("deploy", "dev"): {"contents": "read", "id-token": "write"},
        ("deploy", "prod"): {"contents": "read", "id-token": "write", "actions": "read"},
    }


def test_a_job_that_may_write_runs_no_code_of_the_pull_request() -> None:
    for name in ("comment", "second-pair-of-eyes"):
        checkouts = [
            step["with"]
            for step in job("diff", name).steps
            if step.get("uses", "").startswith("actions/checkout@")
        ]
        assert checkouts == [
            {
                "ref": "${{ github.event.pull_request.base.sha }}",
                "sparse-checkout": ".github/scripts",
                "persist-credentials": False,
            }
        ]


def test_what_the_pull_request_made_is_laid_into_a_folder_of_its_own() -> None:
    """Beside the runner's files it could put one that the runner takes for its own."""
    downloads = {
        place: step["with"]["path"]
        for place, step in all_steps()
        if step.get("uses", "").startswith("actions/download-artifact@")
    }
    assert downloads == {"diff/comment, step 2": "${{ runner.temp }}/comment"}
    *_, last = job("diff", "comment").steps
    assert '"$RUNNER_TEMP/comment/comment.md"' in last["run"]


def test_no_workflow_runs_for_a_pull_request_with_the_rights_of_its_target() -> None:
    for name, workflow in workflows().items():
        assert not {"pull_request_target", "workflow_run"} & set(triggers(workflow)), name


def test_every_action_of_others_is_pinned_to_a_commit_and_says_its_version() -> None:
    lines = [
        line.strip().removeprefix("- ")
        for path in sources()
        for line in path.read_text().splitlines()
        if re.match(r"\s*(- )?uses:", line)
    ]
    assert lines
    for line in lines:
        # Our own is taken from the commit that runs.
        assert line == "uses: $/.github/actions/deploy" or PINNED.match(line), line


def test_an_action_has_the_same_version_wherever_it_is_used() -> None:
    pins = {step["uses"] for _, step in all_steps() if "@" in step.get("uses", "")}
    assert len(pins) == len({pin.split("@")[0] for pin in pins})


def test_no_checkout_leaves_its_token_behind() -> None:
    for place, step in all_steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, place


def test_no_text_of_an_event_is_pasted_into_a_command() -> None:
    for place, command in commands().items():
        assert "${{" not in command, place


def test_no_secret_is_stored_and_no_key_of_aws_is_given() -> None:
    for path in sources():
        text = path.read_text()
        assert "secrets." not in text, path
        assert not re.search(r"aws-(access-key|secret|session)", text), path


def test_only_a_job_in_an_environment_takes_on_a_role() -> None:
    for each in jobs():
        if "id-token" in each.permissions:
            name = each.value["environment"]
            assert name in ENVIRONMENTS
            deploying = [
                step["with"]
                for step in each.steps
                if step.get("uses") == "$/.github/actions/deploy"
            ]
            role = f"${{{{ vars.DARKROOM_{name.upper()}_ROLE_ARN }}}}"
            assert deploying == [{"environment": name, "role": role}]
            assert f"vars.DARKROOM_{name.upper()}_ROLE_ARN != ''" in each.value["if"]


def test_the_jobs_that_deploy_have_the_claims_that_the_pipeline_roles_trust() -> None:
    deploy = workflows()["deploy"]
    assert triggers(deploy)["push"]["branches"] == ["main"]
    released = job("deploy", "released")
    for name in ("dev", "prod"):
        claims = PipelineSettings(repository="octo/photos").claims(name)
        each = job("deploy", name)
        assert claims["sub"] == f"repo:octo/photos:environment:{each.value['environment']}"
        # By hand it could be started on any branch: what they need then does not run.
        assert "released" in each.value["needs"]
        assert released.value["if"] == f"github.ref == '{claims['ref']}'"


def test_nothing_that_another_run_left_behind_comes_near_credentials() -> None:
    for step in action("deploy")["runs"]["steps"]:
        assert "cache" not in step.get("with", {})


def test_prod_is_deployed_after_dev_and_after_the_approval_was_found_to_be_asked_for() -> None:
    prod = job("deploy", "prod")
    assert "dev" in prod.value["needs"]
    assert prod.value["environment"] == "prod"
    checkout, approval, deploy = prod.steps
    assert checkout["uses"].startswith("actions/checkout@")
    assert approval["run"] == "python3 .github/scripts/approval.py prod"
    assert deploy["uses"] == "$/.github/actions/deploy"


def test_a_deployment_is_never_cut_off_by_the_next_one() -> None:
    for name in ("dev", "prod"):
        concurrency = job("deploy", name).value["concurrency"]
        assert concurrency == {"group": f"deploy-{name}", "cancel-in-progress": False}


def test_every_commit_of_main_is_checked_and_of_a_pull_request_the_newest() -> None:
    """In one group, a run that waits is cancelled by the next one."""
    assert workflows()["checks"]["concurrency"] == {
        "group": "checks-${{ github.event.pull_request.number || github.sha }}",
        "cancel-in-progress": True,
    }


def test_every_job_ends_by_itself() -> None:
    for each in jobs():
        assert 0 < each.value["timeout-minutes"] <= 60, each.name

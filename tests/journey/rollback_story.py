"""A worse model follows with a recorded reason, prod serves it, and prod goes back."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.journey import promotion_story
from tests.journey.company import Company
from tests.journey.operator import Operator, ends_well

WHY = "more photos of rainy days; the drop is understood"


def dev_takes_a_worse_model_with_a_reason(company: Company, worse: Any) -> str:
    """Refused by the gates, let through with a reason that is recorded; the commit's name."""
    job = worse["training_job_name"]
    refusal = company.engineer.is_refused("darkroom", "release", job, "--env", "dev")
    assert "champion" in refusal
    assert "--override" in refusal
    promotion_story.releases_in_dev(company, worse, "--override", WHY)
    _is_recorded(company, "dev")
    commit = company.commits("dev: release the second model")
    promotion_story.serves(company.dev_pipeline)
    return commit


def prod_takes_a_worse_model_with_a_reason(company: Company, commit: str) -> None:
    """Prod's gates are its own: what dev let through is refused here as well."""
    assert "champion" in company.is_refused_to_promote()
    promotion_story.is_promoted(company, commit, "--override", WHY)
    _is_recorded(company, "prod")
    promotion_story.is_the_same_promoted_again(company, "--override", WHY)


def _is_recorded(company: Company, environment: str) -> None:
    override = company.release_of(environment).models["champion"].override
    assert override is not None
    assert "champion" in override.gates
    assert override.reason == WHY


def history_tells_of_both(company: Company, trained: Mapping[str, Any]) -> None:
    """The newest first, each with its commit, its model, and that it came from dev."""
    told = company.prod_pipeline.gets_json("darkroom", "history", "--env", "prod")["releases"]
    found = {each["commit"]: each["models"]["champion"]["training_job_name"] for each in told}
    assert list(found.items()) == [
        (commit, model["training_job_name"]) for commit, model in trained.items()
    ]
    assert {each["origin"] for each in told} == {"champion promoted from dev"}


def goes_back(company: Company, customer: Operator, first: str, answered: Any) -> None:
    """The release before is written as a new change; deployed, it answers as it did then."""
    company.prod_pipeline.gets_json("darkroom", "rollback", "--env", "prod")
    company.commits("prod: roll back")
    assert company.git("diff", "--name-only", first, "--", "config/releases/prod.json") == ""
    promotion_story.serves(company.prod_pipeline)
    assert promotion_story.answers(customer) == answered


def compares(company: Company, first: str, second: str) -> subprocess.Popen[str]:
    """What `darkroom diff` says of two commits; it takes its time beside what follows."""
    return company.engineer.starts("darkroom", "diff", "--base", first, "--head", second, "--json")


def diff_tells_what_happened(diff: subprocess.Popen[str]) -> None:
    """Both environments got a worse model, let through by somebody: a second pair of eyes."""
    told = json.loads(ends_well(diff, code=3))
    looks = {(look["environment"], look["why"]) for look in told["needs_a_second_look"]}
    assert looks == {
        (environment, why) for environment in ("dev", "prod") for why in ("accuracy", "override")
    }
    for each in told["environments"]:
        changed = {stack["id"] for stack in each["stacks"] if stack["effect"] != "nothing"}
        assert changed == ({f"{each['name']}/Serving"} if each["name"] != "local" else set())


def card_tells_where_it_came_from(company: Company, trained: Any) -> None:
    job = trained["training_job_name"]
    card = company.engineer.gets("darkroom", "card", job, "--env", "dev")
    assert card.startswith("# ")
    for fact in (job, f"{trained['validation_accuracy']:.4f}", "promoted from dev"):
        assert fact in card, card

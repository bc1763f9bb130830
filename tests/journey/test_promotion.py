"""A model goes from dev to prod, two accounts of one local cloud, and prod goes back again.

One story told in order through the CLI, with every permission enforced.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey import promotion_denials, promotion_story, rollback_story
from tests.journey.company import (
    DEV_ACCOUNT,
    PROD_ACCOUNT,
    Company,
    company_of,
    engineer_of,
    repository_with_two_accounts,
    three_digits_are_enough,
)
from tests.journey.operator import Operator, ends_well
from tests.processes import processes_below

TRAINING = ("darkroom", "train", "--env", "dev")
GOOD = ("--set", "epochs=2")
WORSE = ("--set", "epochs=1")


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    someone = repository_with_two_accounts(tmp_path / "darkroom")
    someone.starts_the_cloud()
    try:
        yield someone
    finally:
        someone.stops_the_cloud()
        assert processes_below(tmp_path) == []


@pytest.mark.timeout(600)
def test_a_model_goes_from_dev_to_prod_and_prod_goes_back(operator: Operator) -> None:
    company, good = two_accounts_and_a_model(operator)
    training = company.engineer.starts(*TRAINING, *WORSE, "--json")
    promotion_story.releases_in_dev(company, good)
    promotion_story.is_not_promoted_uncommitted(company)
    released = company.commits("dev: release the first model")
    promotion_story.is_not_promoted_before_dev_serves_it(company)
    promotion_story.serves(company.dev_pipeline)
    in_dev = promotion_story.may_ask_the_endpoint(company.administrators.dev)
    answered = promotion_story.answers(in_dev)
    promotion_story.is_not_promoted_without_the_permission(company)
    promotion_story.is_not_promoted_below_the_gates(company)
    promotion_story.is_not_promoted_tampered_with(company)
    promotion_story.is_promoted(company, released)
    promotion_story.is_the_same_promoted_again(company)
    promotion_story.is_not_deployed_without_its_proof(company)
    first = company.commits("prod: promote the first model")
    deploying = company.prod_pipeline.starts(*promotion_story.deployment("prod"))
    worse = json.loads(ends_well(training))
    released = rollback_story.dev_takes_a_worse_model_with_a_reason(company, worse)
    promotion_story.is_served(json.loads(ends_well(deploying)))
    in_prod = promotion_story.may_ask_the_endpoint(company.administrators.prod)
    assert promotion_story.answers(in_prod) == answered
    rollback_story.prod_takes_a_worse_model_with_a_reason(company, released)
    second = company.commits("prod: promote the second model")
    promotion_story.serves(company.prod_pipeline)
    assert promotion_story.answers(in_prod) == promotion_story.answers(in_dev) != answered
    rollback_story.history_tells_of_both(company, {second: worse, first: good})
    diff = rollback_story.compares(company, first, second)
    rollback_story.goes_back(company, in_prod, first, answered)
    rollback_story.diff_tells_what_happened(diff)
    rollback_story.card_tells_where_it_came_from(company, good)
    promotion_denials.nobody_does_more_than_their_work(company)


def two_accounts_and_a_model(operator: Operator) -> tuple[Company, Any]:
    """Prod is bootstrapped while dev trains: neither waits for the other."""
    dev = operator.root_of(DEV_ACCOUNT, "dev")
    prod = operator.root_of(PROD_ACCOUNT, "prod")
    drawing = operator.starts("python", "-m", "examples.digits", "photos")
    dev.gets("darkroom", "bootstrap", "--env", "dev", "--yes")
    ends_well(drawing)
    three_digits_are_enough(operator)
    bootstrapping = prod.starts("darkroom", "bootstrap", "--env", "prod", "--yes")
    engineer = engineer_of(dev)
    engineer.gets("darkroom", "prepare", "photos", "--env", "dev")
    trained = engineer.gets_json(*TRAINING, *GOOD)
    ends_well(bootstrapping)
    return company_of(dev, prod, engineer), trained

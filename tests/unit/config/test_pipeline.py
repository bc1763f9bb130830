"""The claims of a pipeline's token are exact, and never a pattern."""

from dataclasses import replace
from typing import Any

import pytest

from config.environments import DEV, PROD
from config.errors import ConfigurationError
from config.pipeline import PipelineSettings
from config.providers import check_providers

REPOSITORY = "Photo-Lab/darkroom"


def test_a_token_has_to_name_repository_branch_and_environment() -> None:
    assert PipelineSettings(repository=REPOSITORY).claims("prod") == {
        "aud": "sts.amazonaws.com",
        "sub": "repo:Photo-Lab/darkroom:environment:prod",
        "repository": "Photo-Lab/darkroom",
        "ref": "refs/heads/main",
    }


def test_the_numbers_of_a_repository_stand_in_the_subject_and_on_their_own() -> None:
    numbered = PipelineSettings(
        repository=REPOSITORY, branch="release/2", owner_id=12, repository_id=345
    )
    assert numbered.claims("prod") == {
        "aud": "sts.amazonaws.com",
        "sub": "repo:Photo-Lab@12/darkroom@345:environment:prod",
        "repository": "Photo-Lab/darkroom",
        "repository_id": "345",
        "ref": "refs/heads/release/2",
    }


@pytest.mark.parametrize(
    "different",
    [
        {"repository": "darkroom"},
        {"repository": "Photo-Lab/*"},
        {"repository": "Photo-Lab/darkroom:ref"},
        {"repository": "https://github.com/Photo-Lab/darkroom"},
        {"branch": "*"},
        {"branch": "release/*"},
        {"branch": ""},
        {"github_environment": "prod:eu"},
        {"github_environment": "*"},
        {"owner_id": 12},
        {"repository_id": 345},
        {"owner_id": 0, "repository_id": 345},
    ],
    ids=str,
)
def test_what_would_name_more_than_one_job_or_none_is_refused(different: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"pipeline\..* but must be .*;"):
        PipelineSettings(**({"repository": REPOSITORY} | different))


def test_an_account_knows_github_once() -> None:
    registering = PipelineSettings(repository=REPOSITORY)
    dev, prod = (replace(each, pipeline=registering) for each in (DEV, PROD))
    with pytest.raises(
        ConfigurationError, match=r"prod: pipeline\.creates_provider is True.*environment dev"
    ):
        check_providers([dev, prod])
    using = replace(registering, creates_provider=False)
    check_providers([dev, replace(prod, pipeline=using)])
    check_providers([dev, replace(prod, account="222222222222")])

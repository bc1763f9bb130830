"""The pipeline that deploys an environment: a job of GitHub Actions, known by its OIDC token."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from config.errors import require

AUDIENCE: Final = "sts.amazonaws.com"
"""Of the tokens that aws-actions/configure-aws-credentials asks GitHub for."""

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")
_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")


@dataclass(frozen=True, kw_only=True)
class PipelineSettings:
    """Whose token takes on the pipeline's role. No key is stored anywhere."""

    repository: str
    """`ORG/REPO`, as GitHub writes it, capitals included."""

    branch: str = "main"
    """A job of any other branch, of a tag or of a pull request is refused."""

    github_environment: str | None = None
    """The environment that the job names, where GitHub asks for an approval; None is the name of
    ours."""

    owner_id: int | None = None
    """GitHub's number of the organization or user; with `repository_id` the subject carries both,
    as it does for repositories made, renamed or moved since 15 July 2026, or switched over."""

    repository_id: int | None = None
    """GitHub's number of the repository, which nobody else gets when the name becomes free:
    `gh api repos/ORG/REPO --jq '.owner.id, .id'` shows both."""

    creates_provider: bool = True
    """Whether the stack registers GitHub in the account, which can be done once: False where the
    account knows GitHub already."""

    def __post_init__(self) -> None:
        for what, found, pattern, limit in (
            ("repository", self.repository, _REPOSITORY, "'ORG/REPO' without wildcards"),
            ("branch", self.branch, _BRANCH, "one branch such as 'main', without wildcards"),
            (
                "github_environment",
                self.github_environment,
                _ENVIRONMENT,
                "letters, digits, dots, dashes and underscores, or None",
            ),
        ):
            require(
                found is None or pattern.fullmatch(found) is not None,
                f"pipeline.{what}",
                found=found,
                limit=limit,
            )
        ids = (self.owner_id, self.repository_id)
        require(
            ids == (None, None) or all(found is not None and found > 0 for found in ids),
            "pipeline.owner_id and pipeline.repository_id",
            found=ids,
            limit="both numbers above 0 or both None: the subject carries both or none",
        )

    def claims(self, environment_name: str) -> Mapping[str, str]:
        """What the token has to say, word for word, to deploy an environment of ours.

        The subject names the repository and the job's environment. The branch stands in `ref`
        alone, which AWS STS has compared since January 2026.
        """
        owner, _, name = self.repository.partition("/")
        subject, ids = self.repository, {}
        if self.repository_id is not None:
            subject = f"{owner}@{self.owner_id}/{name}@{self.repository_id}"
            ids = {"repository_id": str(self.repository_id)}
        return {
            "aud": AUDIENCE,
            "sub": f"repo:{subject}:environment:{self.github_environment or environment_name}",
            "repository": self.repository,
            "ref": f"refs/heads/{self.branch}",
            **ids,
        }

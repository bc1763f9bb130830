"""One repository and one cloud with two accounts in it: dev's, and prod's, with their people.

A model trains and proves itself in dev; a promoter of prod's brings it over; a pipeline of prod's
deploys it. Nobody uses a root key after the bootstrap.
"""

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from config.release import Release
from tests.checkout import copy_of_the_repository
from tests.journey import roles
from tests.journey.operator import Operator, free_port

DEV_ACCOUNT: Final = "111111111111"
PROD_ACCOUNT: Final = "222222222222"
WITNESS_PROFILE: Final = "dev-witness"
PACE: Final = 20

# As an engineer would edit config/environments.py: both as small and as quick as the laptop's own,
# with keys of their own, so that every grant on a key is used,
# and an old fleet is not kept, for nobody waits for an alarm here.
_ACCOUNTS: Final = f"""
DEV = replace(
    LOCAL,
    name="dev",
    account="{DEV_ACCOUNT}",
    endpoint_url=None,
    endpoint_credentials=None,
    serverless=None,
    gates=GateSettings(minimum_validation_accuracy=0.8, champion_margin=0.05),
    rollout=AllAtOnce(watch_seconds=0),
    customer_managed_keys=True,
)
PROD = replace(
    DEV,
    name="prod",
    account="{PROD_ACCOUNT}",
    gates=GateSettings(
        minimum_validation_accuracy=0.85, champion_margin=0.01, served_in="dev"
    ),
)

"""


@dataclass(frozen=True, kw_only=True)
class Administrators:
    """Who may do everything in an account, and does no more than make roles and buckets."""

    dev: Operator
    prod: Operator


@dataclass(frozen=True, kw_only=True)
class Company:
    """Who works on the story, in one clone of the repository."""

    administrators: Administrators
    engineer: Operator
    """Prepares, trains and releases in dev."""

    dev_pipeline: Operator
    promoter: Operator
    """Of prod's account; the profile `dev-witness` of its AWS configuration leads into dev's."""

    witness: str
    """The ARN of the role that the profile takes on."""

    prod_pipeline: Operator
    buckets: dict[str, dict[str, str]]
    """The names of each environment's buckets, by what they hold: `artifacts`, `datasets`."""

    @property
    def folder(self) -> Path:
        return self.engineer.folder

    def release_of(self, environment: str) -> Release:
        """What the release file of the work tree says."""
        path = self.release_file(environment)
        return Release.from_json(path.read_text(encoding="utf-8"), path.name)

    def release_file(self, environment: str) -> Path:
        return self.folder / "config" / "releases" / f"{environment}.json"

    def commits(self, message: str) -> str:
        """Commit all that changed; the commit's name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *words: str) -> str:
        finished = subprocess.run(
            ["git", "-C", str(self.folder), *words], capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, f"git {words}\n{finished.stdout}\n{finished.stderr}"
        return finished.stdout.strip()

    def edits_the_settings(self, before: str, after: str) -> None:
        """Change what stands once in config/environments.py."""
        settings = self.folder / "config" / "environments.py"
        text = settings.read_text(encoding="utf-8")
        assert text.count(before) == 1, before
        settings.write_text(text.replace(before, after), encoding="utf-8")

    def promotes(self, *words: str) -> Any:
        """The promotion from dev to prod, which must succeed."""
        return self.promoter.gets_json(*_promotion(*words))

    def is_refused_to_promote(self, *words: str, who: Operator | None = None) -> str:
        """The one line that refuses a promotion, which left everything of prod's as it was."""
        before = self.what_prod_has()
        line = (who or self.promoter).is_refused(*_promotion(*words))
        assert self.what_prod_has() == before
        return line

    def what_prod_has(self) -> tuple[list[tuple[str, str]], bytes | None]:
        """Every version of every object in prod's bucket of artifacts, and prod's release file."""
        found = self.administrators.prod.client("s3").list_object_versions(
            Bucket=self.buckets["prod"]["artifacts"]
        )
        versions = [(row["Key"], row["VersionId"]) for row in found.get("Versions", ())]
        path = self.release_file("prod")
        return versions, path.read_bytes() if path.exists() else None

    def as_promoter(self, somebody: Operator) -> Operator:
        """Somebody of prod's account with the promoter's AWS configuration, but not its rights."""
        return with_profile(somebody, self.witness)


def _promotion(*words: str) -> tuple[str, ...]:
    way = ("--from", "dev", "--to", "prod", "--from-profile", WITNESS_PROFILE)
    return ("darkroom", "promote", *way, *words)


def repository_with_two_accounts(folder: Path) -> Operator:
    """A clone whose settings name two accounts, with a local cloud that is not started yet."""
    copy_of_the_repository(folder)
    settings = folder / "config" / "environments.py"
    text = settings.read_text(encoding="utf-8")
    mark, imports = "ENVIRONMENTS: Mapping", "from types import"
    assert text.count(mark) == text.count(imports) == 1
    text = text.replace(mark, _ACCOUNTS + mark)
    text = text.replace(imports, f"from dataclasses import replace\n{imports}")
    settings.write_text(text, encoding="utf-8")
    for words in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("config", "user.name", "Ada"),
        ("config", "user.email", "ada@example.com"),
    ):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    # A link to the folder that the checkout has; .gitignore means the folder.
    (folder / ".git" / "info" / "exclude").write_text("node_modules\nphotos\n", encoding="utf-8")
    return Operator(folder=folder, port=free_port(), enforced=True, pace=PACE)


def three_digits_are_enough(operator: Operator) -> None:
    """Of ten: they are learnt in seconds."""
    for digit in range(3, 10):
        shutil.rmtree(operator.folder / "photos" / str(digit))


def engineer_of(dev: Operator) -> Operator:
    """Who prepares, trains and releases in dev, with the policy that its bootstrap brought."""
    policy = dev.outputs_of("training")["TrainingOperatorPolicyArn"]
    return _somebody(dev, "Engineer", policy)


def company_of(dev: Operator, prod: Operator, engineer: Operator) -> Company:
    """People for what the two bootstraps made, each with one policy of it and no more."""
    of_dev, of_prod = dev.outputs_of("delivery"), prod.outputs_of("delivery")
    witness = of_dev["PromotionWitnessRoleArn"]
    promoter = _somebody(prod, "Promoter", of_prod["PromotePolicyArn"])
    return Company(
        administrators=Administrators(dev=dev, prod=prod),
        engineer=engineer,
        dev_pipeline=_somebody(dev, "Pipeline", of_dev["DeployPolicyArn"]),
        promoter=with_profile(promoter, witness),
        witness=witness,
        prod_pipeline=_somebody(prod, "Pipeline", of_prod["DeployPolicyArn"]),
        buckets={each.environment: _buckets(each) for each in (dev, prod)},
    )


def _somebody(administrator: Operator, role: str, policy: str) -> Operator:
    roles.create_role(administrator, role, [policy])
    return roles.somebody_as(administrator, role)


def with_profile(somebody: Operator, witness: str) -> Operator:
    """Whoever's AWS configuration has a profile that takes on dev's witness role."""
    file = somebody.folder.with_name(f"config-{somebody.keys['AWS_ACCESS_KEY_ID']}")
    keys = "\n".join(f"{name.lower()} = {value}" for name, value in somebody.keys.items())
    file.write_text(
        f"[profile prod]\n{keys}\n\n"
        f"[profile {WITNESS_PROFILE}]\nrole_arn = {witness}\nsource_profile = prod\n",
        encoding="utf-8",
    )
    return replace(somebody, more={"AWS_CONFIG_FILE": str(file)})


def _buckets(administrator: Operator) -> dict[str, str]:
    outputs = administrator.outputs_of("data")
    ends = "BucketName"
    return {key.removesuffix(ends).lower(): outputs[key] for key in outputs if key.endswith(ends)}

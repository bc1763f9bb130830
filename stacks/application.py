"""Every environment, always; and the one place where stacks are given each other's attributes."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from aws_cdk import App, Stage

from config.environments import ENVIRONMENTS
from config.errors import ConfigurationError
from config.first_step import first_step
from config.promotion import Promotion, check_promotions
from config.providers import check_providers
from config.release import RELEASES, read_release
from config.settings import Settings
from stacks.acknowledgements import ACKNOWLEDGEMENTS, Acknowledgement
from stacks.data import DataStack
from stacks.delivery import DeliveryStack
from stacks.feature_flags import FEATURE_FLAGS, VALIDATION
from stacks.guardrails import guard
from stacks.provenance import mark_unproven
from stacks.refusals import check_release, check_settings
from stacks.serving import ServingStack
from stacks.training import TrainingStack


class EnvironmentStage(Stage):
    """The stacks of one environment, named as it is: `cdk deploy 'dev/*'`."""

    def __init__(
        self, scope: App, *, settings: Settings, promotion: Promotion, releases: Path
    ) -> None:
        super().__init__(scope, settings.name)
        check_settings(settings)
        release = read_release(settings.name, releases)
        data = DataStack(self, "Data", settings=settings, promotion=promotion)
        TrainingStack(
            self,
            "Training",
            settings=settings,
            datasets=data.datasets,
            artifacts=data.artifacts,
        )
        DeliveryStack(
            self, "Delivery", settings=settings, promotion=promotion, artifacts=data.artifacts
        )
        if release is None:  # design D3
            print(
                f"{settings.name}: no release yet, so {settings.name}/Serving is left out; "
                f"`{first_step(settings)}` makes one",
                file=sys.stderr,
            )
            return
        check_release(settings, release)
        ServingStack(
            self,
            "Serving",
            settings=settings,
            release=release,
            artifacts=data.artifacts,
            captured=data.captured,
        )
        mark_unproven(self, settings, release)


class Application(App):
    """The CDK app of some environments, not synthesized yet.

    A pure function of its arguments and the files in `releases` (design D1). `outdir` None is
    the CDK's own choice. Raises ConfigurationError for what cannot be deployed.
    """

    def __init__(
        self,
        environments: Iterable[Settings] = tuple(ENVIRONMENTS.values()),
        *,
        releases: Path = RELEASES,
        outdir: Path | None = None,
        acknowledgements: Sequence[Acknowledgement] = ACKNOWLEDGEMENTS,
    ) -> None:
        super().__init__(
            context=dict(FEATURE_FLAGS),
            post_cli_context=dict(VALIDATION),
            analytics_reporting=False,
            # Traces hold this machine's paths, and take long.
            stack_traces=False,
            # The CDK's own template rules take three seconds; a test runs them instead.
            builtin_cloud_formation_validation=False,
            outdir=None if outdir is None else str(outdir),
        )
        self.guardrails = guard(self, acknowledgements)
        known = tuple(environments)
        check_promotions(known)
        check_providers(known)
        for settings in known:
            EnvironmentStage(
                self,
                settings=settings,
                promotion=Promotion.of(settings, known),
                releases=releases,
            )


def synthesize(app: Application | None = None) -> None:
    """Write the templates of an app; without one, of all environments.

    Raises ConfigurationError for what cannot be deployed, and for findings of the guardrails.
    """
    try:
        (app or Application()).synth()
    except RuntimeError as problem:
        if not str(problem).startswith("ValidationFailed:"):
            raise
        print(problem, file=sys.stderr)
        raise ConfigurationError(
            "cdk-nag found what is printed above; mend it, or acknowledge it with a reason in "
            "stacks/acknowledgements.py"
        ) from problem

"""The throw-away endpoint of `darkroom drill` is made like the environment's own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.environments import LOCAL, PROD
from config.errors import ConfigurationError
from config.rollout import AllAtOnce
from config.settings import Settings
from config.traffic import Single
from stacks.drill import ACKNOWLEDGEMENTS
from stacks.drill_app import STAGES, DrillApplication
from stacks.guardrails import Guardrails
from tests.stacks.assembly import Assembly, Resource, read_assembly, release_of, write_release
from tests.stacks.plans import GIVING

ENDPOINT = "AWS::SageMaker::Endpoint"
CONFIG = "AWS::SageMaker::EndpointConfig"
ALARM = "AWS::CloudWatch::Alarm"


def drill_of(settings: Settings, folder: Path) -> tuple[Assembly, Guardrails]:
    for stage in STAGES:
        write_release(release_of(settings, trained=stage), folder / stage)
    app = DrillApplication(settings, folder, outdir=folder / "out")
    app.synth()
    return read_assembly(folder / "out"), app.guardrails


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assembly, Guardrails]:
    return drill_of(PROD, tmp_path_factory.mktemp("drill"))


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assembly, Guardrails]:
    return drill_of(GIVING, tmp_path_factory.mktemp("encrypted"))


def named(assembly: Assembly, stack: str, type_: str) -> list[Resource]:
    return [each for each in assembly.resources(type_) if each.stack == stack]


def of_the_real_endpoint(assembly: Assembly, type_: str) -> list[Resource]:
    return [
        each
        for each in named(assembly, "prod/Serving", type_)
        if each.logical_id.startswith("Realtime")
    ]


def alarms_but_for_the_endpoint(resources: list[Resource]) -> list[dict[str, Any]]:
    """Their properties without the one dimension that has to differ."""
    return [
        {
            **each.properties,
            "Dimensions": [d for d in each.properties["Dimensions"] if d["Name"] != "EndpointName"],
        }
        for each in resources
    ]


def test_the_drills_endpoint_has_the_alarms_and_the_rollout_of_the_real_one(
    drill: tuple[Assembly, Guardrails], assembly: Assembly
) -> None:
    (practised,) = named(drill[0], "sound/Drill", ENDPOINT)
    (real,) = of_the_real_endpoint(assembly, ENDPOINT)
    assert practised.properties["DeploymentConfig"] == real.properties["DeploymentConfig"]
    alarms = alarms_but_for_the_endpoint(named(drill[0], "sound/Drill", ALARM))
    assert len(alarms) == 2
    assert alarms == alarms_but_for_the_endpoint(of_the_real_endpoint(assembly, ALARM))


def test_the_drills_endpoint_runs_on_the_instances_of_the_real_one(
    drill: tuple[Assembly, Guardrails], assembly: Assembly
) -> None:
    (practised,) = named(drill[0], "sound/Drill", CONFIG)
    (real,) = of_the_real_endpoint(assembly, CONFIG)
    assert "DataCaptureConfig" not in practised.properties
    (mine,), (its,) = (each.properties["ProductionVariants"] for each in (practised, real))
    for name in set(mine) - {"ModelName"}:
        assert mine[name] == its[name], name


def test_the_alarms_watch_the_drills_endpoint(drill: tuple[Assembly, Guardrails]) -> None:
    (endpoint,) = named(drill[0], "sound/Drill", ENDPOINT)
    assert endpoint.properties["EndpointName"] == "darkroom-prod-drill"
    for alarm in named(drill[0], "sound/Drill", ALARM):
        dimensions = {d["Name"]: d["Value"] for d in alarm.properties["Dimensions"]}
        assert dimensions == {"EndpointName": "darkroom-prod-drill", "VariantName": "champion"}


def test_the_broken_stage_is_an_update_of_the_model_alone(
    drill: tuple[Assembly, Guardrails],
) -> None:
    sound, broken = (
        {each.logical_id: each for each in drill[0].resources() if each.stack == f"{stage}/Drill"}
        for stage in STAGES
    )
    assert sound.keys() == broken.keys()
    different = {id_ for id_ in sound if sound[id_].properties != broken[id_].properties}
    assert {sound[id_].type for id_ in different} == {"AWS::SageMaker::Model"}


def test_the_drill_makes_nothing_that_outlives_it(drill: tuple[Assembly, Guardrails]) -> None:
    for resource in drill[0].resources():
        assert resource.body.get("DeletionPolicy", "Delete") == "Delete", resource
    kinds = {resource.type for resource in drill[0].resources()}
    assert not [kind for kind in kinds if "::S3::" in kind or "AutoScaling" in kind]


def test_every_acknowledgement_of_the_drill_is_needed(
    drill: tuple[Assembly, Guardrails], encrypted: tuple[Assembly, Guardrails]
) -> None:
    assert drill[1].matched | encrypted[1].matched == set(ACKNOWLEDGEMENTS)


def test_the_drill_reads_artifacts_that_are_under_a_key_of_the_environments_own(
    drill: tuple[Assembly, Guardrails], encrypted: tuple[Assembly, Guardrails]
) -> None:
    decrypting = [
        statement
        for assembly, _ in (drill, encrypted)
        for policy in named(assembly, "sound/Drill", "AWS::IAM::Policy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Action"] == "kms:Decrypt"
    ]
    (statement,) = decrypting  # not where S3's own key encrypts
    assert statement["Resource"] == "arn:aws:kms:us-east-1:111111111111:key/*"
    through = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": through}


def test_an_environment_without_a_real_time_endpoint_has_no_drill(tmp_path: Path) -> None:
    serverless_alone = replace(
        LOCAL,
        realtime=None,
        traffic=Single(),
        capture=None,
        rollout=AllAtOnce(),
    )
    with pytest.raises(ConfigurationError, match="has no real-time endpoint"):
        drill_of(serverless_alone, tmp_path)


def test_a_drill_without_its_files_names_the_verb_that_writes_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="darkroom drill --env local"):
        DrillApplication(LOCAL, tmp_path)

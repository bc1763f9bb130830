"""The plan that `darkroom deploy` shows, made from what the stacks really synthesize."""

from pathlib import Path

from config.environments import DEV, PROD
from scripts.deployment.assembly import stacks_of
from scripts.deployment.plan import Plan, plan
from scripts.deployment.planned import planned_endpoints
from scripts.deployment.replacement import REPLACING
from scripts.deployment.stacks import DeployedStack
from scripts.deployment.templates import Effect
from scripts.serving.live import LiveEndpoint, LiveVariant
from tests.stacks.assembly import Assembly, release_of, synthesize


def planned(before: Path, after: Path) -> Plan:
    """Of deploying the assembly in `after` where the one in `before` is deployed."""
    deployed = {
        stack.name: DeployedStack(
            name=stack.name, status="UPDATE_COMPLETE", template=stack.template, tags=stack.tags
        )
        for stack in stacks_of(before, PROD.name)
    }
    running = [
        LiveEndpoint(
            kind=kind, name=f"darkroom-prod-{kind}", status="InService", variants=(champion,)
        )
        for kind, champion in (
            ("realtime", LiveVariant(name="champion", desired_instances=3)),
            ("serverless", LiveVariant(name="champion", max_concurrency=20)),
        )
    ]
    return plan(PROD, stacks_of(after, PROD.name), deployed, running)


def test_what_every_resource_of_ours_is_replaced_for_is_known(assembly: Assembly) -> None:
    assert {resource.type for resource in assembly.resources()} <= set(REPLACING)


def test_the_stacks_come_in_the_order_they_depend_on_each_other(assembly: Assembly) -> None:
    ids = [stack.id for stack in stacks_of(assembly.folder, "prod")]
    assert sorted(ids) == ["prod/Data", "prod/Delivery", "prod/Serving", "prod/Training"]
    assert ids.index("prod/Data") < ids.index("prod/Training") < len(ids)
    assert ids.index("prod/Data") < ids.index("prod/Serving")


def test_the_same_release_changes_nothing(assembly: Assembly) -> None:
    found = planned(assembly.folder, assembly.folder)
    assert (found.changed, found.obstacles) == ((), ())


def test_a_new_model_is_a_new_fleet_for_every_endpoint_and_touches_serving_alone(
    assembly: Assembly, tmp_path: Path
) -> None:
    synthesize(tmp_path, environments=[DEV, PROD], releases=[release_of(PROD, "second")])
    found = planned(assembly.folder, tmp_path / "out")
    assert [stack.id for stack in found.changed] == ["prod/Serving"]
    assert {each.name: each.effect for each in found.endpoints} == {
        "darkroom-prod-realtime": Effect.NEW_FLEET,
        "darkroom-prod-serverless": Effect.NEW_FLEET,
    }
    assert all("-> darkroom-dev-second" in each.because[0] for each in found.endpoints)
    # As many as run now, however many the settings name.
    assert [each.extra_instances for each in found.endpoints] == [3, 0]


def test_an_endpoint_is_read_with_its_variants_and_their_models(assembly: Assembly) -> None:
    release = release_of(PROD)
    endpoints = planned_endpoints(assembly.templates["prod/Serving"])
    realtime = endpoints["darkroom-prod-realtime"]
    assert PROD.realtime is not None
    (champion,) = realtime.variants
    assert champion.model == release.models["champion"].training_job_name
    assert champion.model_data_url == release.models["champion"].model_data_url
    assert champion.instance_type == PROD.realtime.instance_type
    assert champion.instances == PROD.realtime.instance_count
    assert endpoints["darkroom-prod-serverless"].serverless

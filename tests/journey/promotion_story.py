"""A model proves itself in dev, and comes to prod: what is refused on the way, and what is not."""

import json
from typing import Any

from config.released_model import ReleasedModel
from tests.journey import roles
from tests.journey.company import Company
from tests.journey.operator import Operator, ends_well

REALTIME = {"dev": "darkroom-dev-realtime", "prod": "darkroom-prod-realtime"}


def releases_in_dev(company: Company, trained: Any, *words: str) -> None:
    """The gates are shown, each with its value and its limit."""
    job = trained["training_job_name"]
    finished = company.engineer.types("darkroom", "release", job, "--env", "dev", *words)
    assert finished.returncode == 0, finished.stderr
    for gate in ("accuracy", "champion", "recorded", "artifact", "answers", "served_in"):
        assert gate in finished.stderr, finished.stderr
    for shown in (f"{trained['validation_accuracy']:.4f}", "at least 0.8"):
        assert shown in finished.stderr, finished.stderr


def deployment(environment: str) -> tuple[str, ...]:
    return ("darkroom", "deploy", "--env", environment, "--yes", "--json")


def serves(pipeline: Operator) -> None:
    """The pipeline deploys the environment, and what runs is proven to be the release."""
    is_served(json.loads(pipeline.gets(*deployment(pipeline.environment))))


def is_served(deployed: Any) -> None:
    assert deployed["proof"]["differences"] == []


def answers(somebody: Operator) -> list[dict[str, Any]]:
    """What the environment's endpoint says of one photo, for every class."""
    photo = max(somebody.folder.glob("photos/*/*.png"))
    words = ("darkroom", "invoke", str(photo), "--env", somebody.environment, "--top", "3")
    answer = somebody.gets_json(*words)
    predictions: list[dict[str, Any]] = answer["predictions"]
    assert len(predictions) == 3
    return predictions


def may_ask_the_endpoint(administrator: Operator) -> Operator:
    """Who may use the environment's endpoint, and nothing else."""
    policy = administrator.outputs_of("serving")["ServingOperatorPolicyArn"]
    roles.create_role(administrator, "Customer", [policy])
    return roles.somebody_as(administrator, "Customer")


def is_not_promoted_before_dev_serves_it(company: Company) -> None:
    refusal = company.is_refused_to_promote()
    assert "environment dev serves no release" in refusal
    assert "`darkroom deploy --env dev`" in refusal


def is_not_promoted_uncommitted(company: Company) -> None:
    refusal = company.is_refused_to_promote()
    assert "config/releases/dev.json is not as it was committed" in refusal


def is_not_promoted_without_the_permission(company: Company) -> None:
    """Whoever lacks the promoter's policy is told what is missing."""
    administrator = company.administrators.prod
    roles.create_role(administrator, "Visitor", [])
    visitor = roles.somebody_as(administrator, "Visitor")
    refusal = company.is_refused_to_promote(who=company.as_promoter(visitor))
    assert "sts:AssumeRole" in refusal


def is_not_promoted_below_the_gates(company: Company) -> None:
    company.edits_the_settings("accuracy=0.85", "accuracy=1.0")
    refusal = company.is_refused_to_promote()
    assert "accuracy" in refusal
    assert "--override" in refusal
    company.edits_the_settings("accuracy=1.0", "accuracy=0.85")


def is_not_promoted_tampered_with(company: Company) -> None:
    """Other bytes under the released key: everything else about the release is right."""
    s3 = company.administrators.dev.client("s3")
    model = company.release_of("dev").models["champion"]
    bucket, _, key = model.model_data_url.removeprefix("s3://").partition("/")
    place = {"Bucket": bucket, "Key": key}
    artifact = s3.get_object(**place)["Body"].read()
    s3.put_object(**place, Body=artifact[:-1] + bytes([artifact[-1] ^ 1]))
    refusal = company.is_refused_to_promote("--override", "it will be all right")
    assert model.artifact_sha256[:12] in refusal
    s3.put_object(**place, Body=artifact)


def is_promoted(company: Company, commit: str, *words: str) -> None:
    """The release file of prod has the proof; prod runs what it ran before."""
    stacks = deployed_stacks(company.administrators.prod)
    company.promotes(*words)
    dev, prod = company.release_of("dev"), company.release_of("prod")
    model, source = prod.models["champion"], dev.models["champion"]
    assert model.training_job_arn == source.training_job_arn
    assert model.artifact_sha256 == source.artifact_sha256
    assert model.model_data_url.startswith(f"s3://{company.buckets['prod']['artifacts']}/models/")
    assert key_of(company.administrators.prod, model) != key_of(company.administrators.dev, source)
    proof = model.served_in
    assert proof is not None
    assert (proof.environment, proof.account) == ("dev", company.administrators.dev.account)
    assert (proof.release_sha256, proof.artifact_sha256) == (dev.digest, source.artifact_sha256)
    assert (proof.endpoints, proof.commit) == ((REALTIME["dev"],), commit)
    assert ":assumed-role/Promoter/" in proof.by
    assert deployed_stacks(company.administrators.prod) == stacks


def key_of(administrator: Operator, model: ReleasedModel) -> str:
    """The KMS key, of the environment's own, that the model's artifact is kept under."""
    bucket, _, key = model.model_data_url.removeprefix("s3://").partition("/")
    arn: str = administrator.client("s3").head_object(Bucket=bucket, Key=key)["SSEKMSKeyId"]
    assert f":{administrator.account}:key/" in arn
    return arn


def is_the_same_promoted_again(company: Company, *words: str) -> None:
    """Nothing is copied, and the file stays as it is to the byte."""
    before = company.what_prod_has()
    company.promotes(*words)
    assert company.what_prod_has() == before


def deployed_stacks(administrator: Operator) -> dict[str, Any]:
    """When each stack was last changed."""
    stacks = administrator.client("cloudformation").describe_stacks()["Stacks"]
    return {each["StackName"]: each.get("LastUpdatedTime", each["CreationTime"]) for each in stacks}


def is_not_deployed_without_its_proof(company: Company) -> None:
    """Prod's stacks are marked, and only those: dev goes on."""
    file = company.release_file("prod")
    text = file.read_bytes()
    value = json.loads(text)
    del value["models"]["champion"]["served_in"]
    file.write_text(json.dumps(value), encoding="utf-8")
    planning = company.dev_pipeline.starts("darkroom", "deploy", "--env", "dev", "--plan", "--json")
    refused = company.prod_pipeline.types("darkroom", "deploy", "--env", "prod", "--yes")
    assert refused.returncode == 1, refused.stderr
    for words in ("there is no proof that dev serves it", "nothing was changed"):
        assert words in " ".join(refused.stderr.split()), refused.stderr
    assert "darkroom-prod-serving" not in deployed_stacks(company.administrators.prod)
    assert json.loads(ends_well(planning))["plan"]["blocked"] == []
    file.write_bytes(text)

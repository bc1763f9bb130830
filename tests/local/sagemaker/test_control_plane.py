"""Shapes, names, lists, tags and refusals: what the control plane says without any process."""

from typing import Any

import pytest

from local.sagemaker import shapes
from local.sagemaker.errors import ApiError
from local.sagemaker.ports import Scope
from local.sagemaker.service import SageMaker
from tests.local.sagemaker.emulator import ACCOUNT, REGION, ROLE, SCOPE
from tests.local.sagemaker.requests import (
    config_request,
    instance_variant,
    manifest_channel,
    model_request,
    serverless_variant,
    training_request,
)

MANIFEST = "s3://bucket/a.manifest"


def refusal(sagemaker: SageMaker, operation: str, request: dict[str, Any]) -> str:
    with pytest.raises(ApiError) as caught:
        sagemaker.call(SCOPE, operation, request)
    assert caught.value.message is not None
    assert "\n" not in caught.value.message
    return f"{caught.value.code}: {caught.value.message}"


@pytest.fixture
def models(sagemaker: SageMaker) -> list[str]:
    names = [f"model-{number}" for number in range(7)]
    for name in names:
        sagemaker.call(SCOPE, "CreateModel", model_request(name, None))
    return names


def test_an_operation_that_is_not_there_is_refused_by_name(sagemaker: SageMaker) -> None:
    for operation in ("CreateNotebookInstance", "NoSuchOperation"):
        assert refusal(sagemaker, operation, {}) == (
            f"UnknownOperationException: {operation} is not implemented by the local cloud."
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"ModelName": "under_score"},
            "1 validation error detected: Value 'under_score' at 'modelName' failed to satisfy",
        ),
        ({"ModelName": "x" * 64}, "Member must have length less than or equal to 63"),
        (
            {"ModelName": None},
            "Value null at 'modelName' failed to satisfy constraint: Member must",
        ),
        ({"ModelName": 7}, "Member must be of type string"),
        ({"ModelNam": "x"}, "Unknown member 'ModelNam' at 'the request', did you mean ModelName?"),
        ({"PrimaryContainer": {"Mode": "Triple", "Image": "i"}}, "[SingleModel, MultiModel]"),
        ({"PrimaryContainer": ["x"]}, "Member must be of type structure"),
        ({"Tags": [{"Key": "k"}]}, "Value null at 'tags.1.member.value'"),
        ({"Tags": [{"Key": "k", "Value": "v"}] * 51}, "less than or equal to 50"),
        ({"ModelName": "a_b", "ExecutionRoleArn": "x"}, "3 validation errors detected: "),
    ],
)
def test_requests_are_held_against_the_service_model(
    sagemaker: SageMaker, change: dict[str, Any], said: str
) -> None:
    message = refusal(sagemaker, "CreateModel", model_request("model", None) | change)
    assert message.startswith("ValidationException: ")
    assert said in message


def test_a_wrong_instance_type_names_the_nearest_ones(sagemaker: SageMaker) -> None:
    variant = instance_variant("main", "model", InstanceType="ml.m5.huge")
    message = refusal(sagemaker, "CreateEndpointConfig", config_request("c", variant))
    assert "at 'productionVariants.1.member.instanceType'" in message
    assert "ml.m5.large" in message
    assert len(message) < 600


def test_what_cloudformation_writes_as_text_becomes_what_the_service_wants() -> None:
    written = config_request(
        "c",
        {
            "VariantName": "v",
            "ModelName": "m",
            "InitialInstanceCount": "2",
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": "0.5",
            "EnableSSMAccess": "false",
        },
    )
    written["Tags"] = [{"Key": "number", "Value": 7}]
    coerced = shapes.coerce("CreateEndpointConfig", written)
    shapes.check_request("CreateEndpointConfig", coerced)
    (variant,) = coerced["ProductionVariants"]
    assert variant["InitialInstanceCount"] == 2
    assert variant["InitialVariantWeight"] == 0.5
    assert variant["EnableSSMAccess"] is False
    assert coerced["Tags"] == [{"Key": "number", "Value": "7"}]
    assert written["ProductionVariants"][0]["InitialInstanceCount"] == "2"


def test_every_implemented_operation_is_one_of_the_service(sagemaker: SageMaker) -> None:
    assert set(sagemaker.operations) <= set(shapes.service_model().operation_names)


def test_names_are_unique_whatever_their_case_and_arns_are_lower_case(
    sagemaker: SageMaker,
) -> None:
    arn = sagemaker.call(SCOPE, "CreateModel", model_request("My-Model", None))["ModelArn"]
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/my-model"
    message = refusal(sagemaker, "CreateModel", model_request("my-model", None))
    assert message == f'ValidationException: Cannot create already existing model "{arn}".'
    assert sagemaker.call(SCOPE, "DescribeModel", {"ModelName": "my-model"})["ModelName"] == (
        "My-Model"
    )


def test_accounts_and_regions_see_only_their_own(sagemaker: SageMaker, models: list[str]) -> None:
    for scope in (Scope(account="111111111111", region=REGION), Scope(account=ACCOUNT, region="x")):
        assert sagemaker.call(scope, "ListModels", {}) == {"Models": []}
        with pytest.raises(ApiError, match='Could not find model "arn'):
            sagemaker.call(scope, "DescribeModel", {"ModelName": models[0]})


def test_what_is_missing_is_named_by_its_arn(sagemaker: SageMaker, models: list[str]) -> None:
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"
    for operation, request, said in (
        ("DescribeModel", {"ModelName": "no"}, f'Could not find model "{prefix}model/no".'),
        ("DeleteEndpoint", {"EndpointName": "no"}, f'find endpoint "{prefix}endpoint/no".'),
        (
            "CreateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "no"},
            f'Could not find endpoint configuration "{prefix}endpoint-config/no".',
        ),
        (
            "CreateEndpointConfig",
            config_request("c", instance_variant("v", "no")),
            f'Could not find model "{prefix}model/no".',
        ),
        ("ListTags", {"ResourceArn": f"{prefix}model/no"}, "Could not find model"),
        ("StopTrainingJob", {"TrainingJobName": "no"}, "ResourceNotFound: Requested resource not"),
    ):
        assert said in refusal(sagemaker, operation, request)
    assert models


def test_pages_neither_skip_nor_repeat_even_when_something_is_deleted(
    sagemaker: SageMaker, models: list[str]
) -> None:
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = sagemaker.call(
            SCOPE,
            "ListModels",
            {"MaxResults": 2, "SortBy": "Name", "SortOrder": "Ascending", **token},
        )
        seen += [each["ModelName"] for each in answer["Models"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
        if len(seen) == 4:
            sagemaker.call(SCOPE, "DeleteModel", {"ModelName": seen[3]})
    assert seen == models
    bad = {"NextToken": "nonsense"}
    assert "Invalid NextToken" in refusal(sagemaker, "ListModels", bad)
    other_order = {"SortBy": "Name", "SortOrder": "Descending", **token}
    assert "another order" in refusal(sagemaker, "ListModels", other_order)


def test_lists_are_filtered_and_ordered(sagemaker: SageMaker, models: list[str]) -> None:
    def listed(**request: Any) -> list[str]:
        answer = sagemaker.call(SCOPE, "ListModels", request)
        return [each["ModelName"] for each in answer["Models"]]

    assert listed() == models[::-1]  # the newest first
    assert listed(SortOrder="Ascending", SortBy="CreationTime") == models
    assert listed(NameContains="ODEL-3") == ["model-3"]
    created = sagemaker.call(SCOPE, "DescribeModel", {"ModelName": "model-3"})["CreationTime"]
    assert listed(CreationTimeAfter=created, SortOrder="Ascending") == models[4:]
    assert listed(CreationTimeBefore=created, SortOrder="Ascending") == models[:3]
    assert sagemaker.call(SCOPE, "ListEndpoints", {"StatusEquals": "InService"}) == {
        "Endpoints": []
    }


def test_another_account_can_neither_tag_nor_see_tags(
    sagemaker: SageMaker, models: list[str]
) -> None:
    arn = sagemaker.call(SCOPE, "DescribeModel", {"ModelName": models[0]})["ModelArn"]
    other = Scope(account="111111111111", region=REGION)
    elsewhere = Scope(account=ACCOUNT, region="eu-west-1")
    for operation, members in (
        ("AddTags", {"Tags": [{"Key": "stolen", "Value": "1"}]}),
        ("ListTags", {}),
        ("DeleteTags", {"TagKeys": ["a"]}),
    ):
        request = {"ResourceArn": arn, **members}
        with pytest.raises(ApiError, match=f"sagemaker:{operation} on resource") as caught:
            sagemaker.call(other, operation, request)
        assert caught.value.code == "AccessDeniedException"
        with pytest.raises(ApiError, match="this request went to eu-west-1"):
            sagemaker.call(elsewhere, operation, request)
    assert sagemaker.call(SCOPE, "ListTags", {"ResourceArn": arn}) == {"Tags": []}


def test_a_role_of_another_account_is_not_passed_on(sagemaker: SageMaker) -> None:
    foreign = ROLE.replace(ACCOUNT, "111111111111")
    for operation, request in (
        ("CreateModel", model_request("model", None) | {"ExecutionRoleArn": foreign}),
        ("CreateTrainingJob", training_request("job", "bucket", RoleArn=foreign)),
    ):
        assert refusal(sagemaker, operation, request) == (
            "AccessDeniedException: Cross-account pass role is not allowed."
        )


def test_creating_with_tags_takes_the_permission_to_tag(sagemaker: SageMaker) -> None:
    tagged = {"Tags": [{"Key": "a", "Value": "1"}]}
    for operation in ("CreateModel", "CreateEndpointConfig", "CreateEndpoint", "CreateTrainingJob"):
        assert sagemaker.further_actions(operation, tagged) == ["sagemaker:AddTags"]
        assert sagemaker.further_actions(operation, {"Tags": []}) == []
        assert sagemaker.further_actions(operation, {}) == []
    assert sagemaker.further_actions("AddTags", tagged) == []


def test_tag_keys_of_aws_are_reserved_but_cloudformation_has_its_own(
    sagemaker: SageMaker,
) -> None:
    def tagged(key: str) -> dict[str, Any]:
        return model_request("model", None) | {"Tags": [{"Key": key, "Value": "v"}]}

    for key in ("aws:mine", "AWS:mine"):
        assert f'Tag key "{key}"' in refusal(sagemaker, "CreateModel", tagged(key))
    arn = sagemaker.call(SCOPE, "CreateModel", tagged("aws:cloudformation:stack-name"))["ModelArn"]
    request = {"ResourceArn": arn, "Tags": [{"Key": "aws:mine", "Value": "v"}]}
    assert "reserved by AWS" in refusal(sagemaker, "AddTags", request)


def test_an_endpoint_has_no_more_instances_than_this_machine_may_run(
    sagemaker: SageMaker, models: list[str]
) -> None:
    variants = (
        instance_variant("a", models[0], InitialInstanceCount=10),
        instance_variant("b", models[0]),
    )
    sagemaker.call(SCOPE, "CreateEndpointConfig", config_request("many", *variants))
    request = {"EndpointName": "many", "EndpointConfigName": "many"}
    message = refusal(sagemaker, "CreateEndpoint", request)
    assert message.startswith("ResourceLimitExceeded: The account-level service limit ")
    assert "is 10 Instances, with current utilization of 0 Instances" in message
    assert "a request delta of 11 Instances" in message
    assert sagemaker.call(SCOPE, "ListEndpoints", {}) == {"Endpoints": []}


def test_tags_are_added_replaced_listed_and_deleted(
    sagemaker: SageMaker, models: list[str]
) -> None:
    arn = sagemaker.call(SCOPE, "DescribeModel", {"ModelName": models[0]})["ModelArn"]
    first = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    sagemaker.call(SCOPE, "AddTags", {"ResourceArn": arn, "Tags": first})
    added = sagemaker.call(
        SCOPE, "AddTags", {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "3"}]}
    )
    expected = [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}]
    assert added == {"Tags": expected}
    assert sagemaker.call(SCOPE, "ListTags", {"ResourceArn": arn}) == {"Tags": expected}
    sagemaker.call(SCOPE, "DeleteTags", {"ResourceArn": arn, "TagKeys": ["a", "b"]})
    assert sagemaker.call(SCOPE, "ListTags", {"ResourceArn": arn}) == {"Tags": []}


def test_a_described_model_has_no_empty_members(sagemaker: SageMaker, models: list[str]) -> None:
    assert sagemaker.call(SCOPE, "DescribeModel", {"ModelName": models[0]}).keys() == {
        "ModelName",
        "ModelArn",
        "PrimaryContainer",
        "ExecutionRoleArn",
        "EnableNetworkIsolation",
        "CreationTime",
    }


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ([instance_variant("a", "model-0"), instance_variant("A", "model-0")], "must be unique"),
        ([{"VariantName": "a", "ModelName": "model-0"}], "needs ServerlessConfig, or Instance"),
        (
            [serverless_variant("a", "model-0"), instance_variant("b", "model-0")],
            "exactly one production variant",
        ),
        ([serverless_variant("a", "model-0") | {"InstanceType": "ml.m5.large"}], "left out"),
        (
            [
                {
                    "VariantName": "a",
                    "ModelName": "model-0",
                    "ServerlessConfig": {"MemorySizeInMB": 1500, "MaxConcurrency": 1},
                }
            ],
            "MemorySizeInMB 1500 is not one of 1024, 2048",
        ),
        ([instance_variant("a", "model-0", EnableSSMAccess=True)], "EnableSSMAccess is not supp"),
        (
            [serverless_variant("a", "model-0", 2, ProvisionedConcurrency=3)],
            "ProvisionedConcurrency 3 must not be above MaxConcurrency 2",
        ),
        ([serverless_variant("a", "isolated")], "must not have VpcConfig and EnableNetworkIsol"),
    ],
)
def test_variants_that_make_no_sense_are_refused(
    sagemaker: SageMaker, models: list[str], variants: list[dict[str, Any]], said: str
) -> None:
    sagemaker.call(SCOPE, "CreateModel", model_request("isolated", None) | ISOLATION)
    assert said in refusal(sagemaker, "CreateEndpointConfig", config_request("c", *variants))
    assert models


CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/x",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
ISOLATION = {"VpcConfig": VPC, "EnableNetworkIsolation": True}
SHADOW = {"ShadowProductionVariants": [instance_variant("shadow", "model-0")]}


CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            "WaitIntervalInSeconds": 0,
        }
    }
}


def test_a_deployment_policy_is_checked_before_there_is_an_endpoint(
    sagemaker: SageMaker, models: list[str]
) -> None:
    single = config_request("single", instance_variant("champion", models[0]))
    sagemaker.call(SCOPE, "CreateEndpointConfig", single)
    request = {"EndpointName": "e", "EndpointConfigName": "single", "DeploymentConfig": CANARY}
    assert "CANARY needs 2 or more" in refusal(sagemaker, "CreateEndpoint", request)
    assert sagemaker.call(SCOPE, "ListEndpoints", {}) == {"Endpoints": []}
    both = request | {"RetainDeploymentConfig": True}
    assert "not both" in refusal(sagemaker, "UpdateEndpoint", both)


@pytest.mark.parametrize(
    ("variants", "members", "said"),
    [
        (
            [instance_variant("a", "model-0"), instance_variant("b", "model-0")],
            SHADOW,
            "exactly one production variant and one shadow variant, not 2 and 1",
        ),
        ([serverless_variant("a", "model-0")], SHADOW, "no shadow variant"),
        ([instance_variant("shadow", "model-0")], SHADOW, "must be unique"),
        (
            [instance_variant("a", "model-0")],
            SHADOW | {"MetricsConfig": {"MetricPublishFrequencyInSeconds": 5}},
            "5 is not one of 10, 30, 60",
        ),
        (
            [serverless_variant("a", "model-0")],
            {"DataCaptureConfig": CAPTURE},
            "DataCaptureConfig is not supported with a serverless variant",
        ),
        (
            [instance_variant("a", "model-0")],
            {"DataCaptureConfig": CAPTURE | {"DestinationS3Uri": "https://bucket/x"}},
            "Invalid DestinationS3Uri: 'https://bucket/x' is not an S3 URI",
        ),
    ],
)
def test_plans_that_make_no_sense_are_refused(
    sagemaker: SageMaker,
    models: list[str],
    variants: list[dict[str, Any]],
    members: dict[str, Any],
    said: str,
) -> None:
    request = config_request("c", *variants) | members
    assert said in refusal(sagemaker, "CreateEndpointConfig", request)
    assert models


def test_a_configuration_is_described_as_it_was_given(
    sagemaker: SageMaker, models: list[str]
) -> None:
    members = SHADOW | {
        "DataCaptureConfig": CAPTURE,
        "MetricsConfig": {"MetricPublishFrequencyInSeconds": 10, "EnableEnhancedMetrics": True},
    }
    variant = instance_variant("champion", models[0])
    sagemaker.call(SCOPE, "CreateEndpointConfig", config_request("all", variant) | members)
    described = sagemaker.call(SCOPE, "DescribeEndpointConfig", {"EndpointConfigName": "all"})
    assert described["DataCaptureConfig"] == CAPTURE
    assert described["MetricsConfig"] == members["MetricsConfig"]
    (shadow,) = described["ShadowProductionVariants"]
    assert shadow == {**instance_variant("shadow", models[0]), "InitialVariantWeight": 1.0}


def test_an_isolated_model_is_described_with_its_network(sagemaker: SageMaker) -> None:
    sagemaker.call(SCOPE, "CreateModel", model_request("isolated", None) | ISOLATION)
    described = sagemaker.call(SCOPE, "DescribeModel", {"ModelName": "isolated"})
    assert described["VpcConfig"] == VPC
    assert described["EnableNetworkIsolation"] is True


@pytest.mark.parametrize(
    ("operation", "request_", "named"),
    [
        (
            "CreateEndpointConfig",
            config_request("c", instance_variant("v", "model-0")) | {"KmsKeyId": "k"},
            "KmsKeyId",
        ),
        ("CreateModel", model_request("m", None, Mode="MultiModel"), "MultiModel"),
        ("CreateTrainingJob", training_request("j", "b", VpcConfig=VPC), "VpcConfig"),
        (
            "CreateTrainingJob",
            training_request("j", "b", EnableManagedSpotTraining=True),
            "EnableManagedSpotTraining",
        ),
        (
            "CreateTrainingJob",
            training_request(
                "j",
                "b",
                ResourceConfig={
                    "InstanceType": "ml.g5.xlarge",
                    "InstanceCount": 2,
                    "VolumeSizeInGB": 1,
                },
            ),
            "InstanceCount 2",
        ),
    ],
)
def test_what_the_local_cloud_does_not_do_is_refused_by_name(
    sagemaker: SageMaker, models: list[str], operation: str, request_: dict[str, Any], named: str
) -> None:
    message = refusal(sagemaker, operation, request_)
    assert named in message
    assert message.endswith("is not supported by the local cloud yet.")
    assert models


def source(**changes: Any) -> dict[str, Any]:
    given = {
        "S3DataType": "AugmentedManifestFile",
        "S3Uri": MANIFEST,
        "AttributeNames": ["source-ref", "class"],
    } | changes
    return {"DataSource": {"S3DataSource": {k: v for k, v in given.items() if v is not None}}}


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (
            manifest_channel("t", MANIFEST) | source(AttributeNames=None),
            "AttributeNames are required",
        ),
        (manifest_channel("t", MANIFEST, RecordWrapperType="None"), "RecordWrapperType RecordIO"),
        (manifest_channel("t", MANIFEST, InputMode="File"), "RecordWrapperType is for InputMode"),
        (
            manifest_channel("t", MANIFEST) | source(S3DataDistributionType="ShardedByS3Key"),
            "FullyReplicated, not ShardedByS3Key",
        ),
        (manifest_channel("t", MANIFEST, InputMode="FastFile"), "FastFile is not supported"),
        (manifest_channel("t", "https://host/x"), "is not an S3 URI"),
        (manifest_channel("t", MANIFEST) | source(S3DataType="S3Prefix"), "AttributeNames are for"),
    ],
)
def test_channels_that_break_the_manifest_rules_are_refused(
    sagemaker: SageMaker, channel: dict[str, Any], said: str
) -> None:
    request = training_request("job", "bucket", InputDataConfig=[channel])
    message = refusal(sagemaker, "CreateTrainingJob", request)
    assert said in message
    assert "Channel t" in message


def test_metric_definitions_of_an_algorithm_cannot_be_overridden(sagemaker: SageMaker) -> None:
    request = training_request("job", "bucket")
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "a", "Regex": "b"}]
    assert "You can't override the metric definitions" in refusal(
        sagemaker, "CreateTrainingJob", request
    )


def test_iam_is_asked_for_the_right_resources_and_roles(sagemaker: SageMaker) -> None:
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"

    def arns(operation: str, **request: str) -> list[str]:
        return sagemaker.resource_arns(SCOPE, operation, request)

    assert arns("InvokeEndpoint", EndpointName="My-EP") == [f"{prefix}endpoint/my-ep"]
    assert arns("UpdateEndpoint", EndpointName="E", EndpointConfigName="C") == [
        f"{prefix}endpoint/e",
        f"{prefix}endpoint-config/c",
    ]
    assert arns("CreateEndpointConfig", EndpointConfigName="C") == [f"{prefix}endpoint-config/c"]
    assert arns("DescribeTrainingJob", TrainingJobName="J") == [f"{prefix}training-job/j"]
    assert arns("ListModels", NameContains="x") == ["*"]
    assert arns("AddTags", ResourceArn=f"{prefix}model/m") == [f"{prefix}model/m"]
    assert sagemaker.passed_role("CreateModel", model_request("m", None)) == ROLE
    assert sagemaker.passed_role("CreateTrainingJob", training_request("j", "b")) == ROLE
    assert sagemaker.passed_role("DescribeModel", {"ModelName": "m"}) is None


def test_a_saved_state_of_another_version_is_refused(sagemaker: SageMaker) -> None:
    with pytest.raises(ValueError, match="version 99"):
        sagemaker.restore({"version": 99})

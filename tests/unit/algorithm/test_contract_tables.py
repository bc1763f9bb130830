"""Regions, instance types and artifacts: what is allowed, and the text for what is not."""

import subprocess
import sys

import pytest

from algorithm.contract.artifact import (
    ArtifactError,
    artifact_format,
    model_name,
    newest_onnx,
)
from algorithm.contract.images import RegionError, image_uri, regions
from algorithm.contract.instances import (
    InstanceTypeError,
    check_hosting,
    check_training,
)


def test_the_image_is_the_regions_own() -> None:
    assert image_uri("us-east-1") == (
        "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"
    )
    assert image_uri("cn-north-1").startswith("390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/")


@pytest.mark.parametrize("region", regions())
def test_the_sdk_knows_the_same_image(region: str) -> None:
    from sagemaker.core import image_uris

    assert image_uri(region) == image_uris.retrieve("image-classification", region)


def test_a_region_without_the_image_is_named_with_those_that_have_it() -> None:
    with pytest.raises(RegionError, match=r"'mx-central-1' has no image.*eu-west-1"):
        image_uri("mx-central-1")


@pytest.mark.parametrize("instance_type", ["ml.g4dn.xlarge", "ml.g5.2xlarge", "ml.p3.2xlarge"])
def test_gpu_types_train(instance_type: str) -> None:
    check_training(instance_type)


@pytest.mark.parametrize("instance_type", ["ml.m5.xlarge", "ml.p4d.24xlarge", "ml.c6i.large"])
def test_other_types_are_refused_for_training_by_name(instance_type: str) -> None:
    with pytest.raises(InstanceTypeError, match=rf"'{instance_type}' cannot train.*needs a GPU"):
        check_training(instance_type)


@pytest.mark.parametrize("instance_type", ["ml.m5.large", "ml.c5.xlarge", "ml.g4dn.xlarge"])
def test_x86_and_gpu_types_serve(instance_type: str) -> None:
    check_hosting(instance_type)


@pytest.mark.parametrize("instance_type", ["ml.c6g.large", "ml.inf1.xlarge"])
def test_types_of_other_processors_are_refused_for_serving(instance_type: str) -> None:
    with pytest.raises(InstanceTypeError, match=f"'{instance_type}' cannot serve"):
        check_hosting(instance_type)


@pytest.mark.parametrize("instance_type", ["g5.xlarge", "ml.g5", "", "ml..large"])
def test_what_is_no_instance_type_is_said_so(instance_type: str) -> None:
    with pytest.raises(InstanceTypeError, match=r"like ml\.g5\.xlarge"):
        check_training(instance_type)


def test_the_format_of_an_artifact_follows_from_its_names() -> None:
    assert artifact_format(["./image-classification-0004.onnx", "./model-shapes.json"]) == "onnx"
    assert (
        artifact_format(
            [
                "image-classification-0010.params",
                "model-shapes.json",
                "image-classification-symbol.json",
            ]
        )
        == "mxnet"
    )


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["model.bin"],
        ["folder/image-classification-0001.onnx"],
        ["image-classification-0001.onnx", "image-classification-0001.params"],
    ],
)
def test_an_artifact_of_no_known_format_is_refused(names: list[str]) -> None:
    with pytest.raises(ArtifactError, match="no known format"):
        artifact_format(names)


def test_of_several_checkpoints_the_latest_is_served() -> None:
    names = [model_name(epoch) for epoch in (1, 10_500, 3)]
    assert newest_onnx(names) == "image-classification-10501.onnx"


def test_an_mxnet_artifact_is_not_for_this_image() -> None:
    with pytest.raises(ArtifactError, match="MXNet's format, but this image serves ONNX"):
        newest_onnx(["image-classification-0001.params"])


def test_the_contract_needs_nothing_but_the_standard_library() -> None:
    program = (
        "import sys, pkgutil, importlib, algorithm.contract as contract\n"
        "for module in pkgutil.iter_modules(contract.__path__):\n"
        "    importlib.import_module(f'algorithm.contract.{module.name}')\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(roots - sys.stdlib_module_names - {'algorithm', '__main__'}))\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""


@pytest.mark.parametrize("instance_type", ["ml.m5.larg", "ml.m5.0xlarge", "ml.m5.", "m5.large"])
def test_what_is_no_instance_type_is_called_so(instance_type: str) -> None:
    with pytest.raises(InstanceTypeError, match=r"none of SageMaker's"):
        check_hosting(instance_type)

"""ServerlessConfig and its update: what a serverless variant may ask for (facts sheet C.4)."""

from typing import Any

from local.sagemaker.errors import invalid
from local.sagemaker.records import Variant

MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)
INSTANCES_ONLY = ("InstanceType", "InitialInstanceCount", "RoutingConfig", "VolumeSizeInGB")
MODEL_ONLY_ON_INSTANCES = ("VpcConfig", "EnableNetworkIsolation")


def check_serverless(variant: dict[str, Any]) -> None:
    """Raises ApiError where a variant with ServerlessConfig contradicts itself."""
    name, config = variant["VariantName"], variant["ServerlessConfig"]
    given = [member for member in INSTANCES_ONLY if member in variant]
    if given:
        raise invalid(f"Variant {name} is serverless: {' and '.join(given)} must be left out.")
    if config["MemorySizeInMB"] not in MEMORY_MB:
        allowed = ", ".join(map(str, MEMORY_MB))
        raise invalid(
            f"Variant {name}: MemorySizeInMB {config['MemorySizeInMB']} is not one of {allowed}."
        )
    _check_provisioned(name, config)


def check_serverless_model(variant: dict[str, Any], model: dict[str, Any]) -> None:
    """Raises ApiError for a model that a serverless variant cannot run."""
    given = [member for member in MODEL_ONLY_ON_INSTANCES if model.get(member)]
    if given:
        raise invalid(
            f"Variant {variant['VariantName']} is serverless: its model {model['ModelName']} must "
            f"not have {' and '.join(given)}."
        )


def check_serverless_update(change: dict[str, Any], variant: Variant) -> None:
    """Raises ApiError for a ServerlessUpdateConfig that the variant cannot take."""
    update = change.get("ServerlessUpdateConfig")
    if not update:
        return
    if variant.serverless is None:
        raise invalid(f"Variant {variant.name} is not serverless: no ServerlessUpdateConfig.")
    _check_provisioned(variant.name, {**variant.serverless, **update})


def _check_provisioned(name: str, config: dict[str, int]) -> None:
    provisioned, most = config.get("ProvisionedConcurrency", 0), config["MaxConcurrency"]
    if provisioned > most:
        raise invalid(
            f"Variant {name}: ProvisionedConcurrency {provisioned} must not be above "
            f"MaxConcurrency {most}."
        )

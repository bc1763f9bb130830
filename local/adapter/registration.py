"""Make our services ministack's: routed, dispatched, saved, restored and reset like its own.

Stock: services are modules listed in a registry; ours are in neither it nor the router.
Touches: `app._loaded_modules`, `.SERVICE_REGISTRY`, `.SERVICE_HANDLERS`, `._lazy_handler`,
`._state_map`, `router.SERVICE_PATTERNS`."""

from typing import Any

SAGEMAKER, AUTO_SCALING = "sagemaker", "application-autoscaling"
# SageMaker's runtime signs with the same scope, so it arrives at the same module.
_PATTERNS: dict[str, dict[str, list[str]]] = {
    SAGEMAKER: {
        "target_prefixes": ["SageMaker."],
        "host_patterns": [r"(api|runtime)\.sagemaker\."],
    },
    AUTO_SCALING: {
        "target_prefixes": ["AnyScaleFrontendService."],
        "host_patterns": [r"application-autoscaling\."],
    },
}


def install(service: str, module: Any) -> None:
    """Register a service: an object with the functions that ministack's modules have."""
    from ministack import app
    from ministack.core import router

    app._loaded_modules[service] = module
    app.SERVICE_REGISTRY[service] = {"module": service}
    app.SERVICE_HANDLERS[service] = app._lazy_handler(service)
    # Last in the map, so restored last: endpoints need the roles and buckets to be back.
    app._state_map[service] = service
    router.SERVICE_PATTERNS[service] = _PATTERNS[service]

"""Make SageMaker one of ministack's services: routed, dispatched, saved, restored and reset like
its own.

Stock: services are modules listed in a registry; `sagemaker` is in neither it nor the router.
Touches: `app._loaded_modules`, `.SERVICE_REGISTRY`, `.SERVICE_HANDLERS`, `._lazy_handler`,
`._state_map`, `router.SERVICE_PATTERNS`."""

from local.adapter.service_module import SageMakerModule

SERVICE = "sagemaker"


def install(module: SageMakerModule) -> None:
    """Register the service. The runtime signs with the same scope, so it arrives at the same
    module."""
    from ministack import app
    from ministack.core import router

    app._loaded_modules[SERVICE] = module
    app.SERVICE_REGISTRY[SERVICE] = {"module": SERVICE}
    app.SERVICE_HANDLERS[SERVICE] = app._lazy_handler(SERVICE)
    # Last in the map, so restored last: its endpoints need the roles and buckets to be back.
    app._state_map[SERVICE] = SERVICE
    router.SERVICE_PATTERNS[SERVICE] = {
        "target_prefixes": ["SageMaker."],
        "host_patterns": [r"(api|runtime)\.sagemaker\."],
    }

"""Endpoints: Create, Describe, List, Update, DeleteEndpoint, UpdateEndpointWeightsAndCapacities."""

from typing import Any

from local.sagemaker import tags
from local.sagemaker.deployments import (
    check_instances,
    check_scaled,
    check_update,
    deployment_of,
    retain,
)
from local.sagemaker.endpoint_description import description
from local.sagemaker.errors import ApiError, invalid
from local.sagemaker.guardrails import check_names, plan_of
from local.sagemaker.listing import Listing
from local.sagemaker.live_endpoints import LiveEndpoints
from local.sagemaker.platform import Platform
from local.sagemaker.ports import Scope
from local.sagemaker.records import Endpoint, Variant
from local.sagemaker.serverless_config import check_serverless_update
from local.sagemaker.statuses import Statuses
from local.sagemaker.store import Store

REPAIRABLE = ("UpdateRollbackFailed",)
"""Beside InService, what another UpdateEndpoint is taken in (facts sheet C.9)."""
SETTLED = ("InService", "Failed", "OutOfService", "UpdateRollbackFailed")
LISTING = Listing[Endpoint](
    member="Endpoints",
    status=lambda endpoint: endpoint.status,
    summary=lambda endpoint: {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "EndpointStatus": endpoint.status,
    },
)


class Endpoints:
    """The endpoint operations; the work itself happens in the background."""

    def __init__(
        self, store: Store, platform: Platform, live: LiveEndpoints, statuses: Statuses
    ) -> None:
        self._store = store
        self._platform = platform
        self._live = live
        self._statuses = statuses

    def create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        config = request.get("DeploymentConfig")
        now = self._platform.clock()
        with self._store.lock:
            endpoint = Endpoint(
                account=scope.account,
                region=scope.region,
                name=request["EndpointName"],
                created=now,
                modified=now,
                request={"EndpointConfigName": request["EndpointConfigName"]},
                tags=tags.read(request.get("Tags")),
                status="Creating",
                last_deployment_config=config,
            )
            if self._store.endpoints.find(scope, endpoint.name) is None:
                deployment = deployment_of(
                    request["EndpointConfigName"], scope, self._store, self._platform
                )
                plan_of(config, deployment)  # it is not followed, but must not be wrong
                check_instances(deployment.desired_instances, 0, self._platform)
                endpoint.pending = deployment
            self._store.endpoints.add(endpoint)
            self._statuses.enter(endpoint, "Creating")
        self._live.deploy(endpoint)
        return {"EndpointArn": endpoint.arn}

    def describe(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return description(self._store.endpoints.get(scope, request["EndpointName"]))

    def page(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return LISTING.page(self._store.endpoints.of(scope), request)

    def update(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        _check_retention(request)
        with self._store.lock:
            endpoint = self._updatable(scope, request, *REPAIRABLE)
            deployment = deployment_of(
                request["EndpointConfigName"], scope, self._store, self._platform
            )
            check_update(deployment, endpoint)
            scaled = self._platform.cloud.scaled_variants(scope, endpoint.name)
            check_scaled(deployment, endpoint, scaled)
            retain(deployment, endpoint, request)
            if request.get("RetainDeploymentConfig"):
                deployment.config = endpoint.last_deployment_config
            else:
                deployment.config = request.get("DeploymentConfig")
            check_names(plan_of(deployment.config, deployment), deployment, endpoint.current)
            used = endpoint.current.desired_instances if endpoint.current else 0
            check_instances(deployment.desired_instances, used, self._platform)
            endpoint.pending = deployment
            endpoint.last_deployment_config = deployment.config or endpoint.last_deployment_config
            self._statuses.enter(endpoint, "Updating")
        self._live.deploy(endpoint)
        return {"EndpointArn": endpoint.arn}

    def update_weights_and_capacities(
        self, scope: Scope, request: dict[str, Any]
    ) -> dict[str, Any]:
        with self._store.lock:
            endpoint = self._updatable(scope, request)
            assert endpoint.current is not None  # noqa: S101 - an InService endpoint has one
            variants = {variant.name: variant for variant in endpoint.current.everything}
            changes = request["DesiredWeightsAndCapacities"]
            for change in changes:
                _check_change(change, variants, endpoint)
            counts = {name: variant.desired_instance_count for name, variant in variants.items()}
            used = sum(counts.values())
            for change in changes:
                counts[change["VariantName"]] = change.get(
                    "DesiredInstanceCount", counts[change["VariantName"]]
                )
            check_instances(sum(counts.values()), used, self._platform)
            for change in changes:
                _apply(change, variants[change["VariantName"]])
            self._statuses.enter(endpoint, "Updating")
        self._live.rescale(endpoint)
        return {"EndpointArn": endpoint.arn}

    def delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            endpoint = self._store.endpoints.get(scope, request["EndpointName"])
            if endpoint.status == "Deleting":
                return {}
            self._statuses.enter(endpoint, "Deleting", endpoint.failure_reason)
        self._live.delete(endpoint)
        return {}

    def wait_until_settled(self, scope: Scope, name: str) -> dict[str, Any]:
        """Block until nothing is under way; the endpoint's description.

        Raises ApiError when the endpoint is deleted meanwhile.
        """
        with self._store.lock:
            while True:
                endpoint = self._store.endpoints.get(scope, name)
                if endpoint.status in SETTLED:
                    return description(endpoint)
                self._store.lock.wait()

    def _updatable(self, scope: Scope, request: dict[str, Any], *also: str) -> Endpoint:
        """The endpoint, if it is InService or in one of `also`. Raises ApiError."""
        endpoint = self._store.endpoints.get(scope, request["EndpointName"])
        if endpoint.status in ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"):
            raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        if endpoint.status not in ("InService", *also):
            raise invalid(
                f'Cannot update endpoint "{endpoint.arn}" in status {endpoint.status}: '
                "only DeleteEndpoint is possible."
            )
        return endpoint


def _check_retention(request: dict[str, Any]) -> None:
    """Raises ApiError for what contradicts itself (facts sheet C.10)."""
    if request.get("ExcludeRetainedVariantProperties") and not request.get(
        "RetainAllVariantProperties"
    ):
        raise invalid("ExcludeRetainedVariantProperties needs RetainAllVariantProperties.")
    if request.get("RetainDeploymentConfig") and request.get("DeploymentConfig"):
        raise invalid("Specify either DeploymentConfig or RetainDeploymentConfig, not both.")


def _check_change(change: dict[str, Any], variants: dict[str, Variant], endpoint: Endpoint) -> None:
    name = change["VariantName"]
    if name not in variants:
        raise invalid(
            f'Could not find variant "{name}" of endpoint "{endpoint.arn}"; it has '
            f"{', '.join(variants)}."
        )
    check_serverless_update(change, variants[name])
    count = change.get("DesiredInstanceCount")
    if count is None:
        return
    if variants[name].serverless:
        raise invalid(f"Variant {name} is serverless and has no DesiredInstanceCount.")
    if count < 1:
        raise ApiError(
            "ValidationException", f"Variant {name}: DesiredInstanceCount {count} is less than 1."
        )


def _apply(change: dict[str, Any], variant: Variant) -> None:
    if change.get("DesiredInstanceCount") is not None:
        variant.desired_instance_count = change["DesiredInstanceCount"]
    if change.get("DesiredWeight") is not None:
        variant.desired_weight = float(change["DesiredWeight"])
    if change.get("ServerlessUpdateConfig"):
        variant.desired_serverless = {
            **(variant.serverless or {}),
            **change["ServerlessUpdateConfig"],
        }

"""Endpoints: Create, Describe, List, Update, DeleteEndpoint, UpdateEndpointWeightsAndCapacities."""

from typing import Any

from local.sagemaker import tags
from local.sagemaker.deployments import (
    check_deployment_config,
    check_instances,
    check_update,
    deployment_of,
    retain,
)
from local.sagemaker.errors import ApiError, invalid
from local.sagemaker.listing import Listing
from local.sagemaker.live_endpoints import LiveEndpoints
from local.sagemaker.platform import Platform
from local.sagemaker.ports import Scope
from local.sagemaker.records import Deployment, Endpoint, Variant
from local.sagemaker.refusals import refuse
from local.sagemaker.store import Store

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

    def __init__(self, store: Store, platform: Platform, live: LiveEndpoints) -> None:
        self._store = store
        self._platform = platform
        self._live = live

    def create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        check_deployment_config(request.get("DeploymentConfig"))
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
            )
            if self._store.endpoints.find(scope, endpoint.name) is None:
                endpoint.pending = deployment_of(
                    request["EndpointConfigName"], scope, self._store, self._platform
                )
                check_instances(endpoint.pending.desired_instances, 0, self._platform)
            self._store.endpoints.add(endpoint)
            self._store.changed()
        self._live.deploy(endpoint)
        return {"EndpointArn": endpoint.arn}

    def describe(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return _description(self._store.endpoints.get(scope, request["EndpointName"]))

    def page(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return LISTING.page(self._store.endpoints.of(scope), request)

    def update(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        check_deployment_config(request.get("DeploymentConfig"))
        if request.get("ExcludeRetainedVariantProperties") and not request.get(
            "RetainAllVariantProperties"
        ):
            raise invalid("ExcludeRetainedVariantProperties needs RetainAllVariantProperties.")
        with self._store.lock:
            endpoint = self._updatable(scope, request)
            deployment = deployment_of(
                request["EndpointConfigName"], scope, self._store, self._platform
            )
            check_update(deployment, endpoint)
            retain(deployment, endpoint, request)
            used = endpoint.current.desired_instances if endpoint.current else 0
            check_instances(deployment.desired_instances, used, self._platform)
            endpoint.pending = deployment
            self._enter_updating(endpoint)
        self._live.deploy(endpoint)
        return {"EndpointArn": endpoint.arn}

    def update_weights_and_capacities(
        self, scope: Scope, request: dict[str, Any]
    ) -> dict[str, Any]:
        with self._store.lock:
            endpoint = self._updatable(scope, request)
            assert endpoint.current is not None  # noqa: S101 - an InService endpoint has one
            variants = {variant.name: variant for variant in endpoint.current.variants}
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
            self._enter_updating(endpoint)
        self._live.rescale(endpoint)
        return {"EndpointArn": endpoint.arn}

    def delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            endpoint = self._store.endpoints.get(scope, request["EndpointName"])
            if endpoint.status == "Deleting":
                return {}
            endpoint.status = "Deleting"
            endpoint.modified = self._platform.clock()
            self._store.changed()
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
                    return _description(endpoint)
                self._store.lock.wait()

    def _updatable(self, scope: Scope, request: dict[str, Any]) -> Endpoint:
        endpoint = self._store.endpoints.get(scope, request["EndpointName"])
        if endpoint.status in ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"):
            raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        if endpoint.status != "InService":
            raise invalid(
                f'Cannot update endpoint "{endpoint.arn}" in status {endpoint.status}: '
                "only DeleteEndpoint is possible."
            )
        return endpoint

    def _enter_updating(self, endpoint: Endpoint) -> None:
        endpoint.status = "Updating"
        endpoint.modified = self._platform.clock()
        self._store.changed()


def _check_change(change: dict[str, Any], variants: dict[str, Variant], endpoint: Endpoint) -> None:
    name = change["VariantName"]
    refuse(change, f"Variant {name}:", "ServerlessUpdateConfig")
    if name not in variants:
        raise invalid(
            f'Could not find variant "{name}" of endpoint "{endpoint.arn}"; it has '
            f"{', '.join(variants)}."
        )
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


def _description(endpoint: Endpoint) -> dict[str, Any]:
    shown = endpoint.current or endpoint.pending
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": shown.config_name
        if shown
        else endpoint.request["EndpointConfigName"],
        "ProductionVariants": [_summary(each) for each in endpoint.current.variants]
        if endpoint.current
        else None,
        "EndpointStatus": endpoint.status,
        "FailureReason": endpoint.failure_reason,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "PendingDeploymentSummary": _pending(endpoint.pending) if endpoint.pending else None,
    }


def _pending(deployment: Deployment) -> dict[str, Any]:
    return {
        "EndpointConfigName": deployment.config_name,
        "ProductionVariants": [_summary(each, pending=True) for each in deployment.variants],
        "StartTime": deployment.started,
    }


def _summary(variant: Variant, *, pending: bool = False) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "VariantName": variant.name,
        "DeployedImages": [
            {
                "SpecifiedImage": variant.image,
                "ResolvedImage": variant.image,
                "ResolutionTime": variant.resolved,
            }
        ],
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": 0 if pending or variant.serverless else variant.instance_count,
        "DesiredInstanceCount": 0 if variant.serverless else variant.desired_instance_count,
    }
    if variant.serverless:
        summary["CurrentServerlessConfig"] = variant.serverless
        summary["DesiredServerlessConfig"] = variant.serverless
    elif variant.routing_strategy != "RANDOM":
        summary["RoutingConfig"] = {"RoutingStrategy": variant.routing_strategy}
    return summary

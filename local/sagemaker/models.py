"""Models: CreateModel, DescribeModel, ListModels, DeleteModel."""

from collections.abc import Callable
from typing import Any

from local.instance.s3 import ObjectUri
from local.sagemaker import tags
from local.sagemaker.errors import invalid
from local.sagemaker.listing import Listing
from local.sagemaker.ports import Scope
from local.sagemaker.records import Model
from local.sagemaker.refusals import refuse
from local.sagemaker.store import Store

UNSUPPORTED = {
    "": ("InferenceExecutionConfig",),
    "PrimaryContainer": (
        "ImageConfig",
        "ModelDataSource",
        "AdditionalModelDataSources",
        "ModelPackageName",
        "InferenceSpecificationName",
        "MultiModelConfig",
        "ContainerMetricsConfig",
    ),
}
"""What CreateModel refuses, by the structure that it is a member of."""
LISTING = Listing[Model](
    member="Models",
    summary=lambda model: {
        "ModelName": model.name,
        "ModelArn": model.arn,
        "CreationTime": model.created,
    },
)


class Models:
    """The model operations."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def create(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        _check(request)
        definition = {key: value for key, value in request.items() if key != "Tags"}
        now = self._clock()
        model = Model(
            account=scope.account,
            region=scope.region,
            name=request["ModelName"],
            created=now,
            modified=now,
            request=definition,
            tags=tags.read(request.get("Tags")),
        )
        with self._store.lock:
            self._store.models.add(model)
            self._store.changed()
        return {"ModelArn": model.arn}

    def describe(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            model = self._store.models.get(scope, request["ModelName"])
            return {
                "EnableNetworkIsolation": False,
                **model.request,
                "ModelArn": model.arn,
                "CreationTime": model.created,
            }

    def page(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            return LISTING.page(self._store.models.of(scope), request)

    def delete(self, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            self._store.models.remove(self._store.models.get(scope, request["ModelName"]))
            self._store.changed()
        return {}


def container_of(request: dict[str, Any]) -> dict[str, Any]:
    """The one container of a model, under whichever of the two names it was given."""
    found: dict[str, Any] = request.get("PrimaryContainer") or request["Containers"][0]
    return found


def _check(request: dict[str, Any]) -> None:
    refuse(request, "CreateModel", *UNSUPPORTED[""])
    containers = request.get("Containers") or []
    if len(containers) > 1:
        refuse({"Containers": containers}, "CreateModel with an inference pipeline:", "Containers")
    if bool(containers) == bool(request.get("PrimaryContainer")):
        raise invalid("Exactly one of PrimaryContainer and Containers must be given.")
    if not request.get("ExecutionRoleArn"):
        raise invalid("ExecutionRoleArn is required: SageMaker reads the model as that role.")
    container = container_of(request)
    refuse(container, "ContainerDefinition", *UNSUPPORTED["PrimaryContainer"])
    if container.get("Mode", "SingleModel") != "SingleModel":
        refuse({"Mode=MultiModel": True}, "ContainerDefinition", "Mode=MultiModel")
    if not container.get("Image"):
        raise invalid("A container needs an Image.")
    _check_model_data_url(container.get("ModelDataUrl"))


def _check_model_data_url(url: str | None) -> None:
    if url is None:
        return
    try:
        key = ObjectUri.parse(url).key
    except ValueError as error:
        raise invalid(f"Invalid ModelDataUrl: {error}.") from None
    if not key.endswith(".tar.gz"):
        raise invalid(f'ModelDataUrl "{url}" must name a .tar.gz archive.')

"""Changes of capacity: each is an activity that begins, and ends when the endpoint has done it."""

import uuid
from collections.abc import Callable

from local.autoscaling.ports import Capacity, Surroundings
from local.autoscaling.records import FAILED, IN_PROGRESS, SUCCESSFUL, Activity, Target, place
from local.autoscaling.store import Store
from local.sagemaker.errors import ApiError


class Capacities:
    """Sets capacities and follows what comes of it."""

    def __init__(
        self, store: Store, surroundings: Surroundings, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._surroundings = surroundings
        self._clock = clock

    def change(self, target: Target, count: int, cause: str) -> Activity:
        """Begin to bring a target to a capacity; what SageMaker refuses is a failed activity."""
        activity = Activity(
            **place(target.scope, target.variant),
            created=self._clock(),
            id=str(uuid.uuid4()),
            capacity=count,
            cause=cause,
        )
        try:
            self._surroundings.set_capacity(target.scope, target.variant, count)
        except ApiError as error:
            self._end(activity, FAILED, f"Failed to set {_what(activity)}. Reason: {error.message}")
        # Only now: `follow` takes an activity whose endpoint is not busy for one that has ended.
        with self._store.lock:
            self._store.activities.append(activity)
            self._store.changed()
        return activity

    def bring_within(self, target: Target) -> None:
        """Bring a capacity to the nearer of the bounds that its target was given.

        An endpoint that takes no change now is asked again at the next call.
        """
        why = target.bounds_set
        if why is None:
            return
        capacity = self._surroundings.capacity(target.scope, target.variant)
        if capacity is None or capacity.busy:
            return
        with self._store.lock:
            target.bounds_set = None
            self._store.changed()
        within = min(target.maximum, max(target.minimum, capacity.desired))
        if within != capacity.desired:
            self.change(target, within, why)

    def follow(self) -> None:
        """End the activities whose endpoint has settled."""
        with self._store.lock:
            under_way = [each for each in self._store.activities if each.status == IN_PROGRESS]
        for activity in under_way:
            capacity = self._surroundings.capacity(activity.scope, activity.variant)
            if capacity is None or not capacity.busy:
                self._settle(activity, capacity)

    def _settle(self, activity: Activity, capacity: Capacity | None) -> None:
        if capacity is not None and capacity.current == activity.capacity:
            message = (
                f"Successfully set {_what(activity)}. Change successfully fulfilled by sagemaker."
            )
            self._end(activity, SUCCESSFUL, message)
            return
        found = "the variant is gone" if capacity is None else f"it is {capacity.current}"
        self._end(activity, FAILED, f"Failed to set {_what(activity)}. Reason: {found}.")

    def _end(self, activity: Activity, status: str, message: str) -> None:
        with self._store.lock:
            activity.status, activity.message = status, message
            activity.ended = self._clock()
            self._store.changed()


def _what(activity: Activity) -> str:
    return f"{activity.variant.dimension.noun} to {activity.capacity}"

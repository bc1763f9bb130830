"""Updates on their way: blue/green and rolling, forward and back (facts sheet C.10, C.11)."""

from dataclasses import dataclass
from typing import Protocol

from local.sagemaker.alarms import AlarmsUnreadable
from local.sagemaker.bake import Bake, RolledOutBadly
from local.sagemaker.fleet import Fleet
from local.sagemaker.guardrails import BlueGreen, Plan, Rolling
from local.sagemaker.records import Endpoint
from local.sagemaker.server import NotLaunched
from local.sagemaker.serving import Serving, TrafficShift, end
from local.sagemaker.statuses import Statuses
from local.sagemaker.store import Store

FAILURES = (NotLaunched, RolledOutBadly, AlarmsUnreadable)
"""What sends an update back; anything else is a defect of ours."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What one update has to do with."""

    endpoint: Endpoint
    new: Serving
    shift: TrafficShift
    bake: Bake
    statuses: Statuses
    store: Store

    def enter(self, status: str, message: str) -> None:
        """Say what is being done. Raises Unwanted."""
        self.statuses.enter_phase(self.endpoint, status, message)


class Rollout(Protocol):
    """One update of one endpoint."""

    def advance(self) -> None:
        """Give the new deployment all requests. Raises one of FAILURES, or Unwanted."""

    def retreat(self) -> None:
        """Give them back to the old one and end the new. Raises NotLaunched where that fails."""


def rollout_of(plan: Plan, course: Course) -> Rollout:
    """The rollout that a plan asks for."""
    match plan:
        case BlueGreen():
            return BlueGreenRollout(plan, course)
        case Rolling():
            return RollingRollout(plan, course)


class BlueGreenRollout:
    """All new instances first, then the requests in steps."""

    def __init__(self, plan: BlueGreen, course: Course) -> None:
        self._plan = plan
        self._course = course

    def advance(self) -> None:
        """Give the new deployment all requests. Raises one of FAILURES, or Unwanted."""
        course, plan = self._course, self._plan
        course.bake.check_alarms()
        course.enter("Creating", "Starting the new fleet")
        with course.bake.limit(lambda: end([course.new], drain=False)):
            course.new.bring_up()
        with course.store.lock:
            for variant in course.new.deployment.everything:
                variant.instance_count = variant.desired_instance_count
        for number, step in enumerate(plan.steps, start=1):
            where = f"Step {number} of {len(plan.steps)}: {step.share:.0%} of the traffic"
            with course.store.lock:
                course.statuses.require_wanted(course.endpoint)
                course.shift.to(step.share)
                course.enter("ActivatingTraffic", f"{where} goes to the new fleet")
            if step.wait_seconds or plan.alarms:
                course.enter("Baking", f"{where}, watched for {step.wait_seconds:g} seconds")
                course.bake.wait(step.wait_seconds, course.statuses)

    def retreat(self) -> None:
        """All requests go back to the old fleet at once, which has never stopped."""
        with self._course.store.lock:
            self._course.shift.to(0.0)
        end([self._course.new], drain=True)


class RollingRollout:
    """New instances take the place of old ones, batch by batch."""

    def __init__(self, plan: Rolling, course: Course) -> None:
        self._plan = plan
        self._course = course
        self._new = _fleet(course.new)
        self._old = [_fleet(each) for each in course.shift.old]
        self._old_total = self._old_size

    def advance(self) -> None:
        """Give the new deployment all requests. Raises one of FAILURES, or Unwanted."""
        course, plan = self._course, self._plan
        course.bake.check_alarms()
        for number, count in enumerate(plan.counts, start=1):
            where = f"Batch {number} of {len(plan.counts)}: {count} of {plan.total} instances"
            course.enter("Creating", f"{where} of the new fleet are being started")
            self._new.resize(count)
            course.bake.check_time()
            course.enter("ActivatingTraffic", f"{where} of the new fleet take traffic")
            self._shrink_old(plan.remaining(count, self._old_total))
            course.enter("Baking", f"{where}, watched for {plan.wait_seconds:g} seconds")
            course.bake.wait(plan.wait_seconds, course.statuses)

    def retreat(self) -> None:
        """Old instances come back batch by batch. Raises NotLaunched when one does not."""
        new_total = self._new.size
        oldest, rest = self._old[0], self._old_size - self._old[0].size
        for old in self._plan.way_back(self._old_size, self._old_total):
            oldest.resize(old - rest)
            left = new_total * (self._old_total - old) // self._old_total
            self._share({self._new: left, **{fleet: fleet.size for fleet in self._old}})
            self._new.resize(left)
        self._share({self._new: 0, **{fleet: fleet.size for fleet in self._old}})
        end([self._course.new], drain=True)

    @property
    def _old_size(self) -> int:
        return sum(fleet.size for fleet in self._old)

    def _shrink_old(self, total: int) -> None:
        """Leave `total` old instances; of a mix the youngest fleet goes first."""
        sizes = {self._new: self._new.size}
        left = total
        for fleet in self._old:
            sizes[fleet] = min(fleet.size, left)
            left -= sizes[fleet]
        self._share(sizes)
        for fleet in self._old:
            fleet.resize(sizes[fleet])

    def _share(self, sizes: dict[Fleet, int]) -> None:
        """Requests go to the fleets by their instances, before any instance goes.

        Raises Unwanted: the fleets of an endpoint that is deleted meanwhile have no instances.
        """
        course = self._course
        whole = sum(sizes.values())
        with course.store.lock:
            course.statuses.require_wanted(course.endpoint)
            for serving in (course.new, *course.shift.old):
                fleet = _fleet(serving)
                serving.deployment.share = sizes[fleet] / whole
                fleet.variant.instance_count = sizes[fleet]
            course.store.changed()


def _fleet(serving: Serving) -> Fleet:
    """The one there is: nothing with several variants is rolled out in batches."""
    (fleet,) = serving.fleets
    return fleet

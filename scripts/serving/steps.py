"""Where an endpoint's update stands, as one line an operator can follow."""

from collections.abc import Iterable

from scripts.serving.live import LiveEndpoint, LiveVariant

_PHASES = {
    "Creating": "new fleet starts",
    "ActivatingTraffic": "traffic moves to the new fleet",
    "Baking": "new fleet is watched",
    "Updating": "fleet changes",
    "Deleting": "old fleet ends",
}

_MOVING = frozenset({"ActivatingTraffic", "Baking"})


def step_of(endpoint: LiveEndpoint) -> str:
    """What the endpoint is doing now, with the share and the size of what is new."""
    if endpoint.status == "InService":
        return "in service"
    if endpoint.status == "Creating":
        return f"starting{_instances(endpoint.variants)}"
    if endpoint.status == "RollingBack":
        return "rolling back: the traffic returns to the old fleet"
    if endpoint.status == "Updating":
        pending = endpoint.pending.variants if endpoint.pending else ()
        phases = [phase for each in (*pending, *endpoint.variants) for phase in each.phases]
        if phases:
            said = _PHASES.get(phases[0], phases[0])
            share = _weights(endpoint) if phases[0] in _MOVING else ""
            return f"{said}{share}{_instances(pending)}"
        return f"updating{_instances(pending or endpoint.variants)}"
    if endpoint.failure_reason:
        return f"{endpoint.status}: {endpoint.failure_reason}"
    return endpoint.status.lower()


def _instances(variants: Iterable[LiveVariant]) -> str:
    counted = [each for each in variants if each.desired_instances]
    if not counted:
        return ""
    clauses = [
        f"{each.name} {each.current_instances or 0} of {each.desired_instances}" for each in counted
    ]
    return f" ({', '.join(clauses)} instances)"


def _weights(endpoint: LiveEndpoint) -> str:
    """The part of the traffic that the new fleet has, where SageMaker tells it."""
    pending = endpoint.pending.variants if endpoint.pending else ()
    now = sum(each.current_weight for each in pending if not each.shadow)
    then = sum(each.desired_weight for each in pending if not each.shadow)
    if not 0 < now <= then:
        return ""
    return ", all of the traffic" if now == then else f", {100 * now / then:.0f} % of the traffic"

"""Traffic as metrics (facts sheet C.12)."""

from typing import Any

from local.sagemaker.usage import Usage


def drained(usage: Usage) -> dict[tuple[str, ...], dict[str, Any]]:
    """Data by their metric and the values of their dimensions."""
    return {(each["name"], *each["dimensions"].values()): each for each in usage.drain(when=1.0)}


def recorded(usage: Usage) -> Usage:
    for status, seconds in ((200, 0.010), (200, 0.010), (500, 0.020)):
        usage.record(status=status, model_seconds=seconds, overhead_seconds=0.001, instances=2)
    return usage


def test_each_request_is_counted_once_and_in_microseconds() -> None:
    usage = recorded(Usage("endpoint", "champion"))
    data = drained(usage)
    latency = data["ModelLatency", "endpoint", "champion"]
    assert latency["unit"] == "Microseconds"
    assert dict(zip(latency["values"], latency["counts"], strict=True)) == {10_000: 2, 20_000: 1}
    errors = data["Invocation5XXErrors", "endpoint", "champion"]
    assert dict(zip(errors["values"], errors["counts"], strict=True)) == {0: 2, 1: 1}
    shared = data["InvocationsPerInstance", "endpoint", "champion"]
    assert (shared["values"], shared["counts"]) == ([0.5], [3])
    assert drained(usage) == {}


def test_a_new_fleets_metrics_come_with_its_configurations_name_as_well() -> None:
    usage = Usage("endpoint", "champion")
    usage.config_name = "config-2"
    both = drained(recorded(usage))
    alone = {key for key in both if key[-1] == "config-2"}
    assert {key[:-1] for key in alone} == both.keys() - alone
    latency = both["ModelLatency", "endpoint", "champion", "config-2"]
    assert latency["dimensions"]["EndpointConfigName"] == "config-2"
    usage.config_name = None
    assert drained(recorded(usage)).keys() == both.keys() - alone

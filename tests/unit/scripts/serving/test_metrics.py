"""An endpoint's metrics, from a CloudWatch that was given them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from scripts.serving.live import LiveEndpoint, LiveVariant
from scripts.serving.metrics import NAMESPACE, variant_traffic
from scripts.serving.window import window
from scripts.session import Session
from scripts.traffic import traffic_of
from tests.unit.scripts.stock_cloud import session_to, stock_cloud


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with stock_cloud(tmp_path_factory.mktemp("cloud")) as url:
        yield session_to(url)


def put(
    session: Session,
    variant: str,
    metric: str,
    when: datetime,
    *values: float,
    endpoint: str = "darkroom-local-realtime",
) -> None:
    session.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": endpoint},
                    {"Name": "VariantName", "Value": variant},
                ],
                "Timestamp": when,
                "Value": value,
            }
            for value in values
        ],
    )


def test_traffic_is_counted_by_variant_and_latency_told_in_milliseconds(session: Session) -> None:
    now = datetime.now(UTC)
    put(session, "champion", "Invocations", now, *[1.0] * 10)
    put(session, "champion", "Invocation5XXErrors", now, *[0.0] * 9, 1.0)
    put(session, "champion", "Invocation4XXErrors", now, *[0.0] * 9, 1.0)
    put(session, "champion", "ModelLatency", now, *[2500.0] * 10)
    put(session, "champion", "Invocations", now - timedelta(hours=3), 1.0)
    put(session, "challenger", "Invocations", now, 1.0)
    champion, challenger, silent = variant_traffic(
        session, "darkroom-local-realtime", ["champion", "challenger", "challenger2"], window("1h")
    )
    assert (champion.requests, champion.client_errors, champion.server_errors) == (10, 1, 1)
    assert champion.error_rate == pytest.approx(0.2)
    assert champion.model_milliseconds.p50 == pytest.approx(2.5)
    assert champion.overhead_milliseconds.p99 is None
    assert champion.cold_starts == 0
    assert (challenger.variant, challenger.requests, challenger.error_rate) == ("challenger", 1, 0)
    assert (silent.requests, silent.error_rate) == (0, None)


def test_a_new_model_is_not_credited_with_its_predecessors_requests(session: Session) -> None:
    now = datetime.now(UTC)
    earlier = now - timedelta(minutes=20)
    put(session, "champion", "Invocations", earlier, 100.0, endpoint="e")
    put(session, "challenger", "Invocations", earlier, 30.0, endpoint="e")
    put(session, "champion", "Invocations", now, 7.0, endpoint="e")
    champion = LiveVariant(name="champion", model_data_url="s3://b/unreleased", current_weight=1)
    live = LiveEndpoint(kind="realtime", name="e", status="InService", variants=(champion,))
    deployed = now - timedelta(minutes=10)

    found = traffic_of(session, live, deployed, None)
    assert found.from_deployment
    assert not found.reaches_further_back
    assert [each.traffic.variant for each in found.variants] == ["champion"]
    assert found.requests == 7

    further = traffic_of(session, live, deployed, window("1h"))
    assert further.reaches_further_back
    assert further.requests == 137
    running, left = further.variants
    assert (running.model, running.traffic.requests) == ("artifact s3://b/unreleased", 107)
    assert (left.traffic.variant, left.model, left.traffic.requests) == ("challenger", None, 30)

    older = traffic_of(session, live, now - timedelta(days=1), None)
    assert not older.from_deployment
    assert not older.reaches_further_back

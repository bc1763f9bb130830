"""How long things may take and how large they may be: AWS's figures, unless told otherwise."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Timings:
    """In seconds and bytes (facts sheet B.1, B.2, C.1, C.4)."""

    pace: float = 1.0
    """The waits of an update, and the windows and cool-downs of scaling, pass so many times as
    fast. Nothing else does: what is started, answered or published takes the time that it takes."""
    alarm_poll_seconds: float = 1.0
    """How often an update looks at its alarms."""
    startup_health_check_seconds: float = 240.0
    """From the start of a model server to its first healthy /ping."""
    model_download_seconds: float = 600.0
    """To fetch and unpack a model, unless the variant says otherwise."""
    serverless_startup_seconds: float = 180.0
    """The same for a serverless variant, and how long a caller waits for it."""
    ping_interval_seconds: float = 5.0
    """Between one /ping of a model server at work and the next."""
    ping_failures: int = 9
    """So many in a row and the server is replaced. A server that works on one request at a time
    may be silent for a whole invocation: 9 times 5 seconds and a 2-second timeout outlast it."""
    invocation_seconds: float = 60.0
    """A model's time to answer."""
    idle_connection_seconds: float = 1.0
    """A connection to a model server is not used again after so long: gunicorn closes at 2."""
    serverless_idle_seconds: float = 300.0
    """A serverless variant without requests for so long gives its process back."""
    serverless_wait_seconds: float = 60.0
    """A caller waits so long for a cold start, then gets ModelNotReadyException; AWS does one or
    the other (C.4)."""
    serverless_environments: int = 8
    """The most processes of one serverless endpoint: each takes one request at a time, and where
    more are asked at once they queue. AWS runs one for each request up to MaxConcurrency."""
    training_stop_grace_seconds: float = 120.0
    """From SIGTERM to SIGKILL for a training container."""
    hosting_stop_grace_seconds: float = 30.0
    """From SIGTERM to SIGKILL for a model server."""
    shutdown_seconds: float = 5.0
    """What instances get altogether when the cloud itself goes down."""
    metrics_seconds: float = 5.0
    """How often an endpoint's traffic is published; AWS does it every minute."""
    utilization_seconds: float = 60.0
    """How often an instance publishes its CPU and memory, unless MetricsConfig says otherwise."""
    capture_flush_seconds: float = 5.0
    """Captured requests are in S3 after so long; AWS takes minutes."""
    housekeeping_seconds: float = 1.0
    """How often idle serverless processes and unpublished traffic are looked at."""
    first_restart_pause_seconds: float = 0.5
    longest_restart_pause_seconds: float = 30.0
    """A model server that dies is started again after a pause that doubles with each death."""
    endpoint_instances: int = 10
    """The most instances of one endpoint: each is a process of this machine."""
    realtime_payload_bytes: int = 6 * MEBIBYTE
    """Request and response of a real-time variant. Documented as 6 and as 25 MB (C.1)."""
    serverless_payload_bytes: int = 4 * MEBIBYTE
    payload_error_code: str = "ValidationError"
    payload_error_status: int = 413
    """What AWS answers just above the limit is unverified (C.1)."""
    model_bytes: int = 64 * 1024 * MEBIBYTE
    """The most that a model.tar.gz may unpack to."""

    def publication_seconds(self, configured: float | None) -> float:
        """How often a variant's metrics are published, given what its configuration says.

        Scaling that passes faster has to see them as much faster, whatever is configured.
        """
        if configured is None or self.pace > 1:
            return self.metrics_seconds
        return configured

"""Data capture: a sample of requests and answers, kept in S3 (facts sheet C.7)."""

from dataclasses import dataclass

from config.errors import require


@dataclass(frozen=True, kw_only=True)
class CaptureSettings:
    """What a real-time endpoint keeps of its traffic; a serverless one cannot capture."""

    sampled_percent: int = 100
    request: bool = True
    """Keep what was asked: the image, as base64."""

    response: bool = True
    """Keep what was answered."""

    json_content_types: tuple[str, ...] = ("application/json",)
    """Answers of these types are kept as they are; every other type as base64."""

    csv_content_types: tuple[str, ...] = ()

    retention_days: int = 30
    """Captured photos are somebody's data: they are deleted after so long."""

    def __post_init__(self) -> None:
        require(
            1 <= self.sampled_percent <= 100,
            "capture.sampled_percent",
            found=self.sampled_percent,
            limit="from 1 to 100",
            remedy="use capture=None to capture nothing",
        )
        require(
            self.request or self.response,
            "capture.request and capture.response",
            found=(self.request, self.response),
            limit="at least one of them True",
            remedy="use capture=None to capture nothing",
        )
        for what, types in (
            ("json_content_types", self.json_content_types),
            ("csv_content_types", self.csv_content_types),
        ):
            require(
                len(types) <= 10 and all("/" in each for each in types),
                f"capture.{what}",
                found=types,
                limit="at most 10 media types such as 'application/json'",
            )
        require(
            self.retention_days >= 1,
            "capture.retention_days",
            found=self.retention_days,
            limit="1 or more",
        )

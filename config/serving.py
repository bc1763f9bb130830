"""The two kinds of endpoint and what may be chosen for each (facts sheet C.4, C.5)."""

import re
from dataclasses import dataclass
from typing import Final

from config.errors import require

SERVERLESS_MEMORY_SIZES_MB: Final = (1024, 2048, 3072, 4096, 5120, 6144)
SERVERLESS_MAX_CONCURRENCY: Final = 200


@dataclass(frozen=True, kw_only=True)
class RealtimeSettings:
    """An endpoint on instances that always run, and bill while they do."""

    instance_type: str
    """CPU or GPU; the built-in image serves on either (facts A.3)."""

    instance_count: int = 1
    """Two or more are spread over availability zones."""

    def __post_init__(self) -> None:
        require(
            re.fullmatch(r"ml\.[a-z0-9]+\.[a-z0-9]+", self.instance_type) is not None,
            "realtime.instance_type",
            found=self.instance_type,
            limit="a SageMaker instance type such as 'ml.m5.large'",
        )
        require(
            self.instance_count >= 1,
            "realtime.instance_count",
            found=self.instance_count,
            limit="1 or more",
            remedy="use realtime=None to switch the real-time endpoint off",
        )


@dataclass(frozen=True, kw_only=True)
class ServerlessSettings:
    """An endpoint that starts on demand and bills by use; a first answer may take minutes."""

    memory_size_mb: int
    """CPU power is proportional to it."""

    max_concurrency: int
    """Requests answered at once; further ones are throttled."""

    def __post_init__(self) -> None:
        require(
            self.memory_size_mb in SERVERLESS_MEMORY_SIZES_MB,
            "serverless.memory_size_mb",
            found=self.memory_size_mb,
            limit=f"one of {', '.join(map(str, SERVERLESS_MEMORY_SIZES_MB))}",
        )
        require(
            1 <= self.max_concurrency <= SERVERLESS_MAX_CONCURRENCY,
            "serverless.max_concurrency",
            found=self.max_concurrency,
            limit=f"from 1 to {SERVERLESS_MAX_CONCURRENCY}",
        )

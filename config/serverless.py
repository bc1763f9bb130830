"""An endpoint that starts on demand (facts sheet C.4)."""

from dataclasses import dataclass
from typing import Final

from config.errors import require

MEMORY_SIZES_MB: Final = (1024, 2048, 3072, 4096, 5120, 6144)
MAX_CONCURRENCY: Final = 200


@dataclass(frozen=True, kw_only=True)
class ServerlessSettings:
    """It bills by use, and a first answer may take minutes. It serves the champion alone."""

    memory_size_mb: int
    """CPU power is proportional to it."""

    max_concurrency: int
    """Requests answered at once; further ones are throttled."""

    provisioned_concurrency: int | None = None
    """So many are kept warm, and bill while they are; None keeps none."""

    def __post_init__(self) -> None:
        require(
            self.memory_size_mb in MEMORY_SIZES_MB,
            "serverless.memory_size_mb",
            found=self.memory_size_mb,
            limit=f"one of {', '.join(map(str, MEMORY_SIZES_MB))}",
        )
        require(
            1 <= self.max_concurrency <= MAX_CONCURRENCY,
            "serverless.max_concurrency",
            found=self.max_concurrency,
            limit=f"from 1 to {MAX_CONCURRENCY}",
        )
        require(
            self.provisioned_concurrency is None
            or 1 <= self.provisioned_concurrency <= self.max_concurrency,
            "serverless.provisioned_concurrency",
            found=self.provisioned_concurrency,
            limit=f"from 1 to max_concurrency ({self.max_concurrency}), or None",
        )

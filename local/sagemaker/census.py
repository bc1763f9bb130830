"""How much of everything each account holds, for who looks at the whole cloud."""

from collections import defaultdict
from typing import Final

from local.sagemaker.store import Store

COUNTED: Final = ("endpoints", "models", "training_jobs")
"""The registries that `status` tells of."""

Census = dict[str, dict[str, int]]
"""By account, by name in `COUNTED`; all regions together, accounts that hold nothing left out."""


def census(store: Store) -> Census:
    """Count the resources of the store."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    with store.lock:
        for name in COUNTED:
            for record in getattr(store, name):
                counts[record.scope.account][name] += 1
    return dict(sorted(counts.items()))

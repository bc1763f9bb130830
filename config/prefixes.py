"""What stands where in the two buckets; grants are given by these prefixes."""

from typing import Final

DATASETS: Final = "datasets"
"""Datasets bucket: `datasets/<dataset id>/...` (design section 4)."""

TRAINING: Final = "training"
"""Artifacts bucket: `training/<job>/output/model.tar.gz`, where SageMaker writes (facts A.5)."""

MODELS: Final = "models"
"""Artifacts bucket: `models/<sha256>/model.tar.gz`, the released ones, never overwritten."""

DRILL: Final = "drill"
"""Artifacts bucket: `drill/models/<sha256>/model.tar.gz`, broken on purpose and soon removed."""

CAPTURE: Final = "capture"
"""Capture bucket: `capture/<endpoint>/<variant>/yyyy/mm/dd/hh/<id>.jsonl` (facts C.7)."""

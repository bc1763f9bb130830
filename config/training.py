"""What a training job runs on and with, unless the command line says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from config.errors import require
from config.instance_type import check_instance_type


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """The environment's defaults of both kinds of training parameters (facts sheet E.1, A.1)."""

    instance_type: str
    """A GPU type of P2, P3, G4dn, G5: the built-in algorithm trains on no other (facts A.3)."""

    instance_count: int = 1
    volume_size_gb: int = 50
    """Disk for the container; channels in Pipe mode stream past it."""

    max_runtime_seconds: int = 24 * 3600
    """The job is stopped after this long, and keeps what it has (facts E.5); at most 28 days."""

    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    """As SageMaker takes them: strings. What follows from the dataset (`num_classes`,
    `num_training_samples`) is added at launch."""

    def __post_init__(self) -> None:
        check_instance_type("training.instance_type", self.instance_type, example="ml.g4dn.xlarge")
        for name, found, most in (
            ("instance_count", self.instance_count, 100),
            ("volume_size_gb", self.volume_size_gb, 16_384),
            ("max_runtime_seconds", self.max_runtime_seconds, 28 * 24 * 3600),
        ):
            require(1 <= found <= most, f"training.{name}", found=found, limit=f"from 1 to {most}")
        for key, value in self.hyperparameters.items():
            require(
                isinstance(value, str),
                f"training.hyperparameters[{key!r}]",
                found=value,
                limit="a string, as SageMaker takes hyperparameters",
                remedy=f"write {str(value)!r}",
            )
        # A frozen dataclass whose mapping can be edited is not frozen.
        frozen = MappingProxyType(dict(sorted(self.hyperparameters.items())))
        object.__setattr__(self, "hyperparameters", frozen)

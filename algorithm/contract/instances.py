"""Which instance types can train and serve with the built-in algorithm (facts sheet A.3)."""

import re

TRAINING_FAMILIES = ("p2", "p3", "p3dn", "g4dn", "g5")
"GPU only: A.3 lists P2, P3, G4dn and G5."

_X86_HOSTING_FAMILIES = (
    *("c4", "c5", "c5d", "c6i", "c6in", "c7i", "m4", "m5", "m5d", "m6i", "m7i"),
    *("r5", "r5d", "r6i", "r7i", "t2"),
)
_GPU_HOSTING_FAMILIES = ("p2", "p3", "g4dn", "g5")
HOSTING_FAMILIES = _X86_HOSTING_FAMILIES + _GPU_HOSTING_FAMILIES
"A.3: CPU, or GPU of those that train. The image is for x86, which leaves Graviton out."


_TYPE = re.compile(
    r"ml\.([a-z0-9-]+)\.(?:nano|micro|small|medium|large|(?:[1-9][0-9]?)?xlarge|metal)"
)


class InstanceTypeError(ValueError):
    """An instance type cannot do what is asked of it; the text is one line."""


def family(instance_type: str) -> str:
    """The middle part: `g5` of `ml.g5.xlarge`.

    Raises InstanceTypeError where there is none, or where the last part is no size.
    """
    found = _TYPE.fullmatch(instance_type)
    if found is None:
        raise InstanceTypeError(
            f"instance type '{instance_type}' is none of SageMaker's; write it like ml.g5.xlarge"
        )
    return found[1]


def check_training(instance_type: str) -> None:
    """Raise InstanceTypeError if the built-in algorithm cannot train on the type."""
    if family(instance_type) not in TRAINING_FAMILIES:
        raise InstanceTypeError(
            f"instance type '{instance_type}' cannot train the built-in image classification "
            f"algorithm, which needs a GPU; use a type of {_listed(TRAINING_FAMILIES)}, "
            "such as ml.g4dn.xlarge"
        )


def check_hosting(instance_type: str) -> None:
    """Raise InstanceTypeError if the built-in algorithm cannot serve on the type."""
    if family(instance_type) not in HOSTING_FAMILIES:
        raise InstanceTypeError(
            f"instance type '{instance_type}' cannot serve the built-in image classification "
            f"algorithm; use a type of {_listed(HOSTING_FAMILIES)}, such as ml.m5.large"
        )


def _listed(families: tuple[str, ...]) -> str:
    return ", ".join(f"ml.{name}.*" for name in families)

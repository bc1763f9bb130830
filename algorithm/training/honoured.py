"""What the contract allows and this engine does not do yet: refused by name, never ignored."""

from collections.abc import Iterator

from algorithm.contract.hyperparameters import HyperparameterError, Hyperparameters

AUGMENTATIONS = (None, "crop")


def refuse_unsupported(chosen: Hyperparameters) -> None:
    """Raise HyperparameterError for the first thing asked for that this engine cannot do."""
    for refusal in _refusals(chosen):
        raise HyperparameterError(f"{refusal}; the built-in image on AWS does")


def _refusals(chosen: Hyperparameters) -> Iterator[str]:
    if chosen.use_pretrained_model:
        yield "this image has no pretrained weights: use_pretrained_model=1 is not supported by it"
    if chosen.multi_label:
        yield "multi_label=1 is not supported by this image"
    if chosen.precision_dtype != "float32":
        yield f"precision_dtype={chosen.precision_dtype} is not supported by this image"
    if chosen.mini_batch_size == 1:
        yield "mini_batch_size=1 is not supported by this image (batch normalisation needs two)"
    if chosen.augmentation_type not in AUGMENTATIONS:
        yield f"augmentation_type={chosen.augmentation_type} is not supported by this image"

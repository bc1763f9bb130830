"""Where the parts of a dataset are in its bucket (design section 4)."""

from dataclasses import dataclass

from dataset.header import ImageFormat
from dataset.split import Split


@dataclass(frozen=True, slots=True)
class Layout:
    """The keys of one dataset's objects."""

    dataset_id: str

    @property
    def prefix(self) -> str:
        return f"datasets/{self.dataset_id}"

    @property
    def description(self) -> str:
        """Written last: where it exists, the dataset is complete."""
        return f"{self.prefix}/dataset.json"

    @property
    def rejected(self) -> str:
        return f"{self.prefix}/rejected.jsonl"

    @property
    def images(self) -> str:
        return f"{self.prefix}/images"

    def image(self, sha256: bytes, image_format: ImageFormat) -> str:
        return f"{self.images}/{sha256.hex()}.{image_format}"

    def manifest(self, split: Split) -> str:
        """Each manifest has a prefix of its own: the built-in algorithm asks for that."""
        return f"{self.prefix}/{split}/{split}.manifest"

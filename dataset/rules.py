"""The rules an image must meet (design section 5), and what a file that breaks one is told."""

from dataclasses import asdict, dataclass
from typing import Final

MAX_FILE_BYTES: Final = 4 * 1024 * 1024
"""Also the largest body a serverless endpoint accepts: what trains can be asked about later."""

MIN_SIDE_PIXELS: Final = 64
MAX_SIDE_PIXELS: Final = 4096
MAX_ASPECT_RATIO: Final = 20

MAX_DECLARED_PIXELS: Final = 89_478_485
"""Where Pillow starts to call an image a decompression bomb (256 MiB of 3-byte pixels)."""

MAX_JPEG_SCANS: Final = 500
"""libjpeg-turbo's own limit in its tests: each scan may cost a pass over the whole image."""

MAX_PNG_METADATA_BYTES: Final = 1024 * 1024
"""Inflated text and colour profiles of one PNG; Pillow refuses to open a file above this."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: what it allows, and what to do about a file that breaks it."""

    name: str
    limit: str
    remedy: str


EMPTY: Final = Rule("empty", "at least one byte", "copy the file again from its source")
FILE_SIZE: Final = Rule(
    "file-size",
    f"at most {MAX_FILE_BYTES:,} bytes (4 MiB)",
    "save it at a lower quality or with fewer pixels",
)
FORMAT: Final = Rule(
    "format", "PNG or JPEG, by content", "convert it to PNG or JPEG, or move it out of the folder"
)
SIDE: Final = Rule(
    "side",
    f"each side from {MIN_SIDE_PIXELS} to {MAX_SIDE_PIXELS} pixels",
    "resize the image",
)
ASPECT_RATIO: Final = Rule(
    "aspect-ratio", f"at most {MAX_ASPECT_RATIO}:1", "crop the image to a less extreme shape"
)
TRUNCATED: Final = Rule(
    "truncated", "a complete file", "copy or download the file again from its source"
)
CORRUPT: Final = Rule("corrupt", "a well-formed file", "copy or export the file again")
ANIMATED: Final = Rule("animated", "one still image", "export a single frame")
COLOUR_MODEL: Final = Rule(
    "colour-model", "greyscale or RGB", "convert the image to RGB (it is meant for printing)"
)
BIT_DEPTH: Final = Rule("bit-depth", "at most 8 bits a channel", "save it with 8 bits a channel")
CODING: Final = Rule(
    "coding", "baseline or progressive JPEG", "save it again as an ordinary JPEG or PNG"
)
DECOMPRESSION_BOMB: Final = Rule(
    "decompression-bomb",
    f"at most {MAX_DECLARED_PIXELS:,} pixels, {MAX_JPEG_SCANS} JPEG scans "
    f"and {MAX_PNG_METADATA_BYTES:,} bytes of inflated PNG metadata",
    "do not open this file; find out where it comes from",
)
OUTSIDE_FOLDER: Final = Rule(
    "outside-folder",
    "symbolic links only to files inside the folder",
    "copy the file into its class folder",
)
UNREADABLE: Final = Rule(
    "unreadable", "a regular file you may read", "correct the file's permissions or remove it"
)
NESTED_FOLDER: Final = Rule(
    "nested-folder",
    "a class folder holds files only",
    "move its files into the class folder, or make it a class of its own",
)
NO_CLASS: Final = Rule(
    "no-class", "every file in a subfolder named after its class", "move it into a class folder"
)
CONFLICTING_LABELS: Final = Rule(
    "conflicting-labels",
    "one label for one content",
    "keep the copy whose label is right and delete the others",
)
DUPLICATE: Final = Rule(
    "duplicate", "one copy of one content", "nothing to do: the first copy is used"
)


class Violation(Exception):
    """A file breaks a rule; `measured` is the value found."""

    def __init__(self, rule: Rule, measured: str) -> None:
        super().__init__(f"{rule.name}: {measured}")
        self.rule = rule
        self.measured = measured


@dataclass(frozen=True, slots=True)
class Rejection:
    """One line of rejected.jsonl: a file that is not used, and why."""

    file: str
    rule: str
    measured: str
    limit: str
    remedy: str

    @classmethod
    def of(cls, file: str, rule: Rule, measured: str) -> "Rejection":
        return cls(printable(file), rule.name, printable(measured), rule.limit, rule.remedy)

    def document(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}: {self.measured}; limit: {self.limit}; {self.remedy}"


def check_sides(width: int, height: int) -> None:
    """Raises Violation when an image of this many pixels is not one the service takes."""
    size = f"{width:,} x {height:,} pixels"
    if width * height > MAX_DECLARED_PIXELS:
        raise Violation(DECOMPRESSION_BOMB, size)
    short, long = min(width, height), max(width, height)
    if short < MIN_SIDE_PIXELS or long > MAX_SIDE_PIXELS:
        raise Violation(SIDE, size)
    if long > MAX_ASPECT_RATIO * short:
        raise Violation(ASPECT_RATIO, f"{size} ({long / short:.1f}:1)")


def printable(name: str) -> str:
    """A file name as one harmless line: no control characters, no undecodable bytes.

    A name comes from whoever made the folder, and ends up on a terminal and in JSON.
    """
    if name.isprintable():
        return name
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )

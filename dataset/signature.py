"""Names what a file is when it is neither PNG nor JPEG, so that its owner understands."""

from typing import Final

_AT_START: Final = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"8BPS", "Photoshop file"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
)
_ISO_BRANDS: Final = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
}


def describe(data: bytes) -> str:
    """For example `GIF`, `text` or `unknown bytes 00 01 02 03`."""
    for start, name in _AT_START:
        if data.startswith(start):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return _ISO_BRANDS.get(data[8:12], "video or other ISO media file")
    sample = data[:512]
    if sample.lstrip()[:4].lower() in {b"<svg", b"<?xm"}:
        return "SVG or XML text"
    if b"\0" not in sample and _is_text(sample):
        return "text"
    return f"unknown bytes {sample[:4].hex(' ')}"


def _is_text(sample: bytes) -> bool:
    # A sample may end within a character: the last three bytes do not count.
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 3:
            return False
        text = sample[: error.start].decode("utf-8")
    return all(character.isprintable() or character.isspace() for character in text)

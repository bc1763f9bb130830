import contextlib
import hashlib
import os
import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dataset import rules
from dataset.header import ImageFormat
from dataset.inspection import inspect, inspect_file
from dataset.rules import Rule, Violation
from tests.unit.dataset.photos import (
    any_jpeg,
    any_photo,
    any_png,
    encoded,
    png_chunk,
    png_of_size,
    with_chunk,
)

PNG = any_png()
JPEG = any_jpeg()
PROGRESSIVE = any_jpeg(progressive=True)


def broken_rule(content: bytes, *, verify: bool = False) -> tuple[Rule, str]:
    with pytest.raises(Violation) as caught:
        inspect(content, verify=verify)
    return caught.value.rule, caught.value.measured


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_baseline_and_progressive_jpegs_are_accepted(mode: str, verify: bool) -> None:
    for progressive in (False, True):
        content = any_jpeg(width=80, height=70, mode=mode, progressive=progressive)
        facts = inspect(content, verify=verify)
        assert facts == (hashlib.sha256(content).digest(), len(content), ImageFormat.JPEG, 80, 70)


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_pngs_of_every_8_bit_colour_type_are_accepted(mode: str, verify: bool) -> None:
    content = any_png(width=80, height=70, mode=mode)
    facts = inspect(content, verify=verify)
    assert facts == (hashlib.sha256(content).digest(), len(content), ImageFormat.PNG, 80, 70)


def test_bytes_behind_the_end_are_allowed() -> None:
    for content in (PNG, JPEG):
        assert inspect(content + b"appended by a phone", verify=True).width_pixels == 64


def test_a_jpeg_with_an_embedded_thumbnail_is_walked_to_its_own_end() -> None:
    exif = Image.Exif()
    exif[0x010E] = JPEG.decode("latin-1")[:2000]
    content = encoded(any_photo(1, width=200, height=100), "JPEG", exif=exif)
    assert inspect(content, verify=True).width_pixels == 200
    assert broken_rule(content[:-2])[0] == rules.TRUNCATED


@pytest.mark.parametrize(
    ("width", "height"), [(64, 64), (4096, 4096), (4096, 205), (205, 4096), (64, 1280)]
)
def test_images_exactly_at_the_limits_are_accepted(width: int, height: int) -> None:
    assert inspect(png_of_size(width, height))[3:] == (width, height)


@pytest.mark.parametrize(
    ("width", "height", "rule"),
    [
        (63, 64, rules.SIDE),
        (64, 63, rules.SIDE),
        (0, 64, rules.SIDE),
        (4097, 4096, rules.SIDE),
        (4096, 4097, rules.SIDE),
        (1281, 64, rules.ASPECT_RATIO),
        (204, 4096, rules.ASPECT_RATIO),
        (60_000, 60_000, rules.DECOMPRESSION_BOMB),
    ],
)
def test_images_beyond_the_limits_are_rejected(width: int, height: int, rule: Rule) -> None:
    for content in (png_of_size(width, height), _jpeg_of_size(width, height)):
        broken, measured = broken_rule(content)
        assert broken == rule
        assert measured.startswith(f"{width:,} x {height:,} pixels")


def test_a_file_above_4_mib_is_rejected_and_one_of_4_mib_is_accepted() -> None:
    filler = b"\0" * (rules.MAX_FILE_BYTES - len(PNG))
    assert inspect(PNG + filler).size_bytes == 4_194_304
    assert broken_rule(PNG + filler + b"\0") == (rules.FILE_SIZE, "4,194,305 bytes")


def test_an_empty_file_is_rejected() -> None:
    assert broken_rule(b"") == (rules.EMPTY, "0 bytes")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"somebody's notes\n", "text"),
        ("a note with an umlaut: ä".encode() * 40, "text"),
        (encoded(any_photo(), "GIF"), "GIF"),
        (encoded(any_photo(), "BMP"), "BMP"),
        (encoded(any_photo(), "TIFF"), "TIFF"),
        (encoded(any_photo(), "WEBP"), "WebP"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG or XML text"),
        (b"\1\2\3\4\5", "unknown bytes 01 02 03 04"),
    ],
)
def test_a_file_of_another_format_is_rejected_and_its_format_named(
    content: bytes, name: str
) -> None:
    assert broken_rule(content) == (rules.FORMAT, name)


@given(length=st.integers(1, len(PNG) - 1))
def test_a_png_cut_anywhere_is_truncated(length: int) -> None:
    assert broken_rule(PNG[:length])[0] == rules.TRUNCATED


@given(length=st.integers(1, len(PROGRESSIVE) - 1))
def test_a_jpeg_cut_anywhere_is_truncated(length: int) -> None:
    for content in (JPEG[:length] if length < len(JPEG) else JPEG[:-1], PROGRESSIVE[:length]):
        assert broken_rule(content)[0] == rules.TRUNCATED


@given(position=st.integers(8, len(PNG) - 1), flip=st.integers(1, 255))
def test_a_png_with_any_changed_byte_is_rejected(position: int, flip: int) -> None:
    damaged = bytearray(PNG)
    damaged[position] ^= flip
    broken_rule(bytes(damaged))


@given(start=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b""]), rest=st.binary())
def test_bytes_at_random_are_rejected_and_never_an_error(start: bytes, rest: bytes) -> None:
    broken_rule(start + rest)


@given(
    position=st.integers(3, len(PROGRESSIVE) - 1),
    flip=st.integers(1, 255),
    progressive=st.booleans(),
)
def test_a_damaged_jpeg_is_judged_and_never_an_error(
    position: int, flip: int, progressive: bool
) -> None:
    damaged = bytearray(PROGRESSIVE if progressive else JPEG)
    damaged[position % len(damaged)] ^= flip
    with contextlib.suppress(Violation):
        assert inspect(bytes(damaged), verify=True).size_bytes == len(damaged)


def test_garbage_in_the_middle_of_a_jpeg_is_corrupt() -> None:
    large = any_jpeg(width=600, height=600)
    middle = len(large) // 2
    damaged = large[:middle] + b"\xff\x3a" + large[middle + 2 :]
    rule, measured = broken_rule(damaged)
    assert rule == rules.CORRUPT
    assert "marker FF3A at byte" in measured


def test_only_decoding_finds_missing_pixels_in_a_sound_structure() -> None:
    content = png_of_size(64, 64)
    assert inspect(content).width_pixels == 64
    rule, measured = broken_rule(content, verify=True)
    assert rule == rules.CORRUPT
    assert "does not decode" in measured


def test_an_animated_png_is_rejected() -> None:
    frames = [any_photo(1), any_photo(2)]
    content = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert broken_rule(content) == (rules.ANIMATED, "animation chunk acTL")


def test_16_bit_images_are_rejected() -> None:
    deep = Image.new("I;16", (64, 64), 40_000)
    assert broken_rule(encoded(deep, "PNG")) == (rules.BIT_DEPTH, "16 bits a channel")
    twelve = _jpeg_of_size(64, 64, precision=12)
    assert broken_rule(twelve) == (rules.BIT_DEPTH, "12 bits a channel")


def test_a_cmyk_jpeg_is_rejected() -> None:
    assert broken_rule(any_jpeg(mode="CMYK")) == (rules.COLOUR_MODEL, "4 components (CMYK)")


def test_an_arithmetic_coded_jpeg_is_rejected() -> None:
    assert broken_rule(_jpeg_of_size(64, 64, marker=0xC9))[0] == rules.CODING


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt"])
def test_png_metadata_that_inflates_without_end_is_a_decompression_bomb(kind: bytes) -> None:
    bomb = zlib.compress(bytes(rules.MAX_PNG_METADATA_BYTES + 1))
    small = zlib.compress(b"a comment")
    lead = b"name\0\1\0en\0\0" if kind == b"iTXt" else b"name\0\0"
    assert inspect(with_chunk(PNG, kind, lead + small)).width_pixels == 64
    rule, measured = broken_rule(with_chunk(PNG, kind, lead + bomb))
    assert rule == rules.DECOMPRESSION_BOMB
    assert kind.decode() in measured


def test_many_png_comments_cannot_add_up_to_a_decompression_bomb() -> None:
    half = b"name\0\0" + zlib.compress(bytes(rules.MAX_PNG_METADATA_BYTES // 2))
    once = with_chunk(PNG, b"zTXt", half)
    twice = with_chunk(once, b"zTXt", half)
    assert inspect(twice).width_pixels == 64
    assert broken_rule(with_chunk(twice, b"zTXt", half))[0] == rules.DECOMPRESSION_BOMB


def test_a_jpeg_of_endless_scans_is_a_decompression_bomb() -> None:
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00"
    bomb = _jpeg_of_size(64, 64)[:-2] + scan * (rules.MAX_JPEG_SCANS + 1) + b"\xff\xd9"
    assert broken_rule(bomb) == (rules.DECOMPRESSION_BOMB, "more than 500 scans")


@pytest.mark.parametrize(
    "damaged",
    [
        PNG.replace(b"IDAT", b"IDOT"),
        PNG[:8] + PNG[8 + 25 :],
        with_chunk(PNG, b"IHDR", PNG[16:29]),
        with_chunk(PNG, b"ABCD", b""),
        with_chunk(PNG, b"1234", b""),
        png_of_size(64, 64, colour=3),
        png_of_size(64, 64, bit_depth=3),
        PNG[: 8 + 25] + png_chunk(b"IEND", b""),
        PNG[:-12] + png_chunk(b"tEXt", b"a\0b") + png_chunk(b"IDAT", b"") + PNG[-12:],
    ],
)
def test_a_png_whose_chunks_make_no_sense_is_corrupt(damaged: bytes) -> None:
    assert broken_rule(damaged)[0] == rules.CORRUPT


@pytest.mark.parametrize(
    "damaged",
    [
        JPEG[:2] + b"\xff\xd9",
        JPEG[:2] + b"\xff\xd8" + JPEG[2:],
        JPEG[:2] + b"\xff\xe0\0\1" + JPEG[2:],
        JPEG[:2] + b"\xff\xfe\0\2junk" + JPEG[2:],
        re.sub(rb"\xff\xc0.{17}", b"", JPEG, count=1, flags=re.DOTALL),
    ],
)
def test_a_jpeg_whose_segments_make_no_sense_is_corrupt(damaged: bytes) -> None:
    assert broken_rule(damaged)[0] == rules.CORRUPT


def test_a_file_is_inspected_whole_and_named_neither_by_its_name_nor_its_extension(
    tmp_path: Path,
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(PNG)
    assert inspect_file(str(file)) == inspect(PNG)
    assert inspect_file(str(file)).format is ImageFormat.PNG


def test_what_is_no_readable_regular_file_is_rejected(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    link = tmp_path / "link.png"
    link.symlink_to("pipe.png")
    for path in (pipe, link, tmp_path, tmp_path / "absent.png"):
        with pytest.raises(Violation) as caught:
            inspect_file(str(path))
        assert caught.value.rule == rules.UNREADABLE


def test_a_file_that_is_far_too_large_is_rejected_without_reading_it(tmp_path: Path) -> None:
    file = tmp_path / "film.jpg"
    with file.open("wb") as stream:
        stream.truncate(1 << 40)  # a sparse terabyte: reading it would not end
    with pytest.raises(Violation) as caught:
        inspect_file(str(file))
    assert caught.value.rule == rules.FILE_SIZE


def _jpeg_of_size(width: int, height: int, *, precision: int = 8, marker: int = 0xC0) -> bytes:
    """The JPEG with another image header."""
    header = struct.pack(">BHH", precision, height, width)
    start = JPEG.index(b"\xff\xc0")
    return (
        JPEG[:start] + bytes((0xFF, marker)) + JPEG[start + 2 : start + 4] + header
        + JPEG[start + 9 :]
    )  # fmt: skip

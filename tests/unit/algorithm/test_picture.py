"""Any bytes either become an image or a one-line refusal."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from algorithm.picture import PictureError, decode


def encoded(image: Image.Image, encoding: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, encoding, **options)
    return file.getvalue()


def gradient(mode: str = "RGB", *, width: int = 80, height: int = 60) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


@pytest.mark.parametrize("encoding", ["PNG", "JPEG"])
@pytest.mark.parametrize(("channels", "mode"), [(3, "RGB"), (1, "L")])
def test_png_and_jpeg_are_decoded_to_the_channels_asked_for(
    encoding: str, channels: int, mode: str
) -> None:
    image = decode(encoded(gradient(), encoding), channels=channels, width=80, height=60)
    assert (image.mode, image.size) == (mode, (80, 60))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1"])
def test_every_8_bit_kind_of_png_becomes_rgb(mode: str) -> None:
    image = decode(encoded(gradient(mode), "PNG"), channels=3, width=8, height=8)
    assert image.mode == "RGB"


def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size_but_never_too_small() -> None:
    photo = encoded(gradient(width=2000, height=1600), "JPEG")
    image = decode(photo, channels=3, width=100, height=90)
    assert 200 <= image.width < 2000
    assert 180 <= image.height < 1600


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not a PNG or JPEG"),
        (b"hello", "not a PNG or JPEG"),
        (encoded(gradient(), "GIF"), "not a PNG or JPEG"),
        (encoded(gradient("CMYK"), "JPEG"), "colour mode CMYK"),
        (encoded(gradient("I;16"), "PNG"), "colour mode I;16"),
        (encoded(gradient(), "JPEG")[:-40], "truncated"),
        (encoded(gradient(), "PNG")[:-30], "truncated"),
        (
            encoded(gradient(), "PNG", save_all=True, append_images=[gradient().rotate(90)]),
            "animated",
        ),
    ],
    ids=["empty", "text", "gif", "cmyk", "16-bit", "cut jpeg", "cut png", "animated"],
)
def test_what_cannot_be_classified_is_refused_by_reason(data: bytes, problem: str) -> None:
    with pytest.raises(PictureError, match=problem):
        decode(data, channels=3, width=32, height=32)


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    for side in (8_000, 12_000, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        bomb = (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + chunk(b"IDAT", b"")
            + chunk(b"IEND", b"")
        )
        with pytest.raises(PictureError, match=r"pixels|bomb"):
            decode(bomb, channels=3, width=32, height=32)


@given(st.binary(max_size=64), st.integers(0, 200), st.sampled_from(["PNG", "JPEG"]))
def test_damaged_images_are_decoded_or_refused_in_one_line(
    noise: bytes, at: int, encoding: str
) -> None:
    data = bytearray(encoded(gradient(), encoding))
    data[at : at + len(noise)] = noise
    try:
        decode(bytes(data), channels=3, width=32, height=32)
    except PictureError as refusal:
        assert len(str(refusal).splitlines()) == 1  # noqa: PT017 - either outcome is right

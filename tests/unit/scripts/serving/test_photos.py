"""Which files are sent, and what of a photo that is too large."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataset.inspection import inspect
from dataset.rules import MAX_FILE_BYTES
from scripts.errors import Refused
from scripts.serving.photos import NotSent, find_files, read_photo


def write(path: Path, image: Image.Image, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    image.save(buffer, "PNG" if path.suffix == ".png" else "JPEG", **options)
    path.write_bytes(buffer.getvalue())
    return path


def plain(width: int = 64, height: int = 64) -> Image.Image:
    return Image.new("RGB", (width, height), "red")


def noise(width: int, height: int) -> Image.Image:
    """No encoder makes this small."""
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def names(*paths: Path) -> list[str]:
    return [file.name for file in find_files(paths)]


def test_a_folder_is_searched_to_the_bottom_in_a_lasting_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b/2.png", "b/1.png", "a/deep/3.png", ".hidden/4.png", "b/.DS_Store", "z.txt"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    wanted = ["photos/z.txt", "photos/a/deep/3.png", "photos/b/1.png", "photos/b/2.png"]
    assert names(Path("photos")) == wanted
    assert names(Path("photos/b/2.png"), Path("photos/a")) == [
        "photos/b/2.png",
        "photos/a/deep/3.png",
    ]


def test_a_path_to_nowhere_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"missing\.png: no such file; name a PNG or JPEG"):
        find_files([tmp_path / "missing.png"])
    with pytest.raises(Refused, match="no files; name a PNG or JPEG"):
        find_files([tmp_path])


def test_a_link_that_leads_nowhere_is_called_one(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "dead.png").symlink_to("gone.png")
    (folder / "loop.png").symlink_to("loop.png")
    with pytest.raises(Refused, match=r"dead\.png: a link to gone\.png, which leads nowhere; mend"):
        find_files([folder / "dead.png"])
    for file in find_files([folder]):
        with pytest.raises(NotSent, match=r"a link to \w+\.png, which leads nowhere"):
            read_photo(file)


def test_a_link_out_of_the_folder_is_told_of_and_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.png", plain())
    inside = write(tmp_path / "photos" / "inside.png", plain())
    (tmp_path / "photos" / "link.png").symlink_to(secret)
    (tmp_path / "photos" / "other.png").symlink_to(inside)
    found = {Path(file.name).name: file for file in find_files([tmp_path / "photos"])}
    assert read_photo(found["other.png"]).content == inside.read_bytes()
    for resize in (False, True):
        with pytest.raises(NotSent, match=r"outside-folder: a link to .*secret\.png"):
            read_photo(found["link.png"], resize=resize)


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for resize, reason in ((False, "unreadable"), (True, "empty")):
        with pytest.raises(NotSent, match=reason):
            read_photo(find_files([tmp_path])[0], resize=resize)


def test_what_is_too_large_is_refused_with_the_option_that_mends_it(tmp_path: Path) -> None:
    wide = find_files([write(tmp_path / "wide.png", plain(4200, 300))])[0]
    with pytest.raises(NotSent, match=r"side: 4,200 x 300 pixels; .*or let --resize scale it down"):
        read_photo(wide)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_too_many_pixels_are_scaled_down_with_format_and_proportions_kept(
    tmp_path: Path, suffix: str
) -> None:
    photo = read_photo(
        find_files([write(tmp_path / f"wide.{suffix}", plain(8192, 1024))])[0], resize=True
    )
    facts = inspect(photo.content, verify=True)
    assert (facts.width_pixels, facts.height_pixels) == (4096, 512)
    assert photo.content_type == ("image/png" if suffix == "png" else "image/jpeg")
    assert photo.resized is not None
    assert "8192 x 1024 pixels" in photo.resized
    assert "4096 x 512 pixels" in photo.resized


def test_too_many_bytes_are_scaled_down_until_they_fit_and_not_much_further(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "noise.png", noise(1500, 1200))
    assert path.stat().st_size > MAX_FILE_BYTES
    photo = read_photo(find_files([path])[0], resize=True)
    assert MAX_FILE_BYTES / 2 < len(photo.content) <= MAX_FILE_BYTES
    facts = inspect(photo.content, verify=True)
    assert facts.width_pixels / facts.height_pixels == pytest.approx(1.25, abs=0.01)


def test_what_is_small_enough_is_sent_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "small.jpg", plain(640, 480))
    photo = read_photo(find_files([path])[0], resize=True)
    assert photo.content == path.read_bytes()
    assert photo.resized is None


def test_the_orientation_is_kept_and_the_place_is_not_sent(tmp_path: Path) -> None:
    notes = Image.Exif()
    notes[0x0112] = 6
    notes[0x010F] = "a camera"
    path = write(tmp_path / "turned.jpg", plain(5000, 400), exif=notes)
    photo = read_photo(find_files([path])[0], resize=True)
    with Image.open(io.BytesIO(photo.content)) as image:
        assert image.size == (4096, 327)  # not turned: the model sees what the file holds
        assert dict(image.getexif()) == {0x0112: 6}


@pytest.mark.parametrize("mode", ["P", "1", "L", "LA", "RGBA"])
def test_pictures_of_every_accepted_colour_model_are_scaled(tmp_path: Path, mode: str) -> None:
    path = write(tmp_path / "picture.png", plain(4200, 300).convert(mode))
    photo = read_photo(find_files([path])[0], resize=True)
    assert inspect(photo.content, verify=True).width_pixels == 4096


def test_scaling_hides_no_other_broken_rule(tmp_path: Path) -> None:
    broken = {
        "corrupt": write(tmp_path / "cut.jpg", plain(5000, 400)),
        "colour-model": write(tmp_path / "cmyk.jpg", plain(5000, 400).convert("CMYK")),
        "bit-depth": write(tmp_path / "deep.png", Image.new("I;16", (5000, 400))),
        "side": write(tmp_path / "narrow.png", plain(5000, 50)),
        "aspect-ratio": write(tmp_path / "long.png", plain(4200, 204)),
        "animated": write(
            tmp_path / "moving.png",
            plain(5000, 400),
            save_all=True,
            append_images=[plain(5000, 400)],
        ),
        "decompression-bomb": write(tmp_path / "bomb.png", Image.new("1", (10_000, 10_000))),
        "format": tmp_path / "large.txt",
    }
    cut = broken["corrupt"].read_bytes()
    broken["corrupt"].write_bytes(cut[: len(cut) // 2])
    broken["format"].write_bytes(b"words " * 1_000_000)
    for rule, path in broken.items():
        with pytest.raises(NotSent, match=f"^{rule}: "):
            read_photo(find_files([path])[0], resize=True)

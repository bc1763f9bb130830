"""Photos of about one megapixel, as many as a benchmark wants."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def write_photos(folder: Path, count: int) -> list[Path]:
    """Distinct JPEG files of 1200 x 900 pixels, in two class folders."""
    noise = np.random.default_rng(0).normal(128, 40, (90, 120, 3)).clip(0, 255).astype(np.uint8)
    picture = Image.fromarray(noise).resize((1200, 900), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    photo = buffer.getvalue()
    paths = []
    for number in range(count):
        path = folder / ("cats" if number % 2 else "dogs") / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        # A comment of its own right after the start marker makes each file another one.
        comment = f"{number:08}".encode()
        path.write_bytes(photo[:2] + b"\xff\xfe\x00\x0a" + comment + photo[2:])
        paths.append(path)
    return paths

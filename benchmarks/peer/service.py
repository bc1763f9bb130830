"""The same ONNX model behind BentoML, written as its documentation does.

    MODEL=model.onnx bentoml serve service:Classifier

The service takes the image as the whole body, as our server does, and neither counts nor logs
requests, which ours does not do either.
"""

import os
from typing import Any

# It is installed in the peers' environment alone, so that here nothing of it is known.
import bentoml  # type: ignore[import-not-found]
import numpy as np
import onnxruntime
from PIL import Image
from PIL.Image import Image as Picture


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Classifier:
    """One worker: ONNX Runtime uses all cores for each request."""

    def __init__(self) -> None:
        self._session: Any = onnxruntime.InferenceSession(os.environ["MODEL"])
        data = self._session.get_inputs()[0]
        self._input = data.name
        self._height, self._width = data.shape[2:]

    @bentoml.api(route="/invocations")  # type: ignore[untyped-decorator]
    def predict(self, image: Picture, /) -> list[float]:
        picture = image.convert("RGB")
        picture = picture.resize((self._width, self._height), Image.Resampling.BILINEAR)
        pixels = np.asarray(picture, np.float32).transpose(2, 0, 1)[None]
        data = {self._input: np.ascontiguousarray(pixels)}
        probabilities: list[float] = self._session.run(None, data)[0][0].tolist()
        return probabilities

"""From one encoded image to its probabilities."""

from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from algorithm.contract.artifact import newest_onnx
from algorithm.contract.kinds import ImageShape
from algorithm.picture import decode


class Predictor:
    """A loaded model; safe to use from several threads at once."""

    def __init__(self, model: Path, threads: int) -> None:
        """Load `model`, a file or a directory with the members of a model.tar.gz.

        Raises ArtifactError if the directory has no ONNX model.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Threads that spin while they wait make a run faster; between requests they would only
        # take the cores from other servers' requests.
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        options.add_session_config_entry("session.force_spinning_stop", "1")
        path = model / newest_onnx(entry.name for entry in model.iterdir())
        self._session = onnxruntime.InferenceSession(
            path, options, providers=onnxruntime.get_available_providers()
        )
        data = self._session.get_inputs()[0]
        self._input = data.name
        self.shape = ImageShape(*data.shape[1:])
        # The first run allocates: a request should not wait for that.
        self._run(np.zeros((1, *self.shape), dtype=np.float32))

    def predict(self, image: bytes) -> list[float]:
        """One probability a class.

        The image is squashed to the network's height and width, whatever its aspect (A.6).
        Raises PictureError.
        """
        channels, height, width = self.shape
        picture = decode(image, channels=channels, width=width, height=height)
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        pixels_HWC = np.asarray(picture).reshape(height, width, channels)  # noqa: N806 - dimensions
        return self._run(np.ascontiguousarray(pixels_HWC.transpose(2, 0, 1), np.float32)[None])

    def _run(self, images: np.ndarray) -> list[float]:
        probabilities: list[float] = self._session.run(None, {self._input: images})[0][0].tolist()
        return probabilities

"""The input channels of a training job: files downloaded, or FIFOs fed (facts sheet A.2, B.1)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from local.instance.assignment import Channel
from local.instance.fetching import THREADS, Fetcher
from local.instance.manifest import ManifestError, ObjectIndex, Sample, read_samples
from local.instance.pipe import PipeChannel
from local.instance.s3 import S3, ObjectUnavailable, ObjectUri, relative_path
from local.instance.spool import Spool


class InputUnavailable(Exception):
    """A channel cannot be provided; names the channel, the object and the denied action."""


class Stoppable(Protocol):
    """Something that may be asked to end early."""

    def is_set(self) -> bool:
        """Whether it was asked."""


class Feed:
    """All channels of a job. `prepare`, then `start` beside the container, then `end`."""

    def __init__(self, s3: S3, data: Path, spool_path: Path, failed: Callable[[str], None]) -> None:
        self._s3 = s3
        self._data = data
        self._spool_path = spool_path
        self._failed = failed
        self._objects = ObjectIndex()
        self._pipes: list[PipeChannel] = []
        self._fetcher: Fetcher | None = None
        self._spool: Spool | None = None

    def prepare(self, channels: tuple[Channel, ...], stop: Stoppable) -> None:
        """Download File channels and read manifests. Raises InputUnavailable, and OSError where
        the instance has no room for the FIFOs."""
        sampled: list[tuple[Channel, list[Sample]]] = []
        for channel in channels:
            try:
                if channel.input_mode == "File":
                    self._download(channel, stop)
                else:
                    sampled.append((channel, self._samples(channel)))
            except (ObjectUnavailable, ManifestError, ValueError, OSError) as error:
                raise InputUnavailable(f"channel {channel.name}: {error}") from error
        self._spool = Spool(self._spool_path, len(self._objects.uris))
        self._pipes = [
            PipeChannel(
                channel.name, self._data, samples, channel.shuffle_seed, self._spool, self._failed
            )
            for channel, samples in sampled
        ]
        order = [number for pipe in self._pipes for number in pipe.first_references()]
        self._fetcher = Fetcher(
            self._s3, self._spool, self._objects.uris, list(dict.fromkeys(order)), self._failed
        )

    def start(self) -> None:
        """Fetch ahead and offer the FIFOs."""
        if self._fetcher is not None:
            self._fetcher.start()
        for pipe in self._pipes:
            pipe.start()

    def end(self) -> None:
        """The container reads no more."""
        if self._fetcher is not None:
            self._fetcher.stop()
        if self._spool is not None:
            self._spool.close()
        for pipe in self._pipes:
            pipe.end()

    def _samples(self, channel: Channel) -> list[Sample]:
        uri = ObjectUri.parse(channel.s3_uri)
        if channel.s3_data_type == "AugmentedManifestFile":
            manifest = self._s3.read(uri)
            return read_samples(manifest, channel.s3_uri, channel.attribute_names, self._objects)
        keys = [key for key in self._s3.keys(uri) if not key.endswith("/")]
        if not keys:
            raise ValueError(f"no S3 objects found under {uri}")
        return [(self._objects.reference(str(ObjectUri(uri.bucket, key))),) for key in keys]

    def _download(self, channel: Channel, stop: Stoppable) -> None:
        prefix = ObjectUri.parse(channel.s3_uri)
        folder = self._data / channel.name
        folder.mkdir()

        def fetch(key: str) -> bool:
            relative = relative_path(key, prefix.key)
            if relative is None or stop.is_set():
                return False
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            self._s3.download(ObjectUri(prefix.bucket, key), target)
            return True

        with ThreadPoolExecutor(THREADS, thread_name_prefix="download") as pool:
            downloaded = sum(pool.map(fetch, self._s3.keys(prefix)))
        if not downloaded and not stop.is_set():
            raise ValueError(f"no S3 objects found under {prefix}")

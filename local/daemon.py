"""The local cloud's process: one data directory, one port, one event loop, until it is told to
stop."""

import asyncio
import contextlib
import datetime as dt
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.adapter import pin
from local.adapter.settings import EmulatorSettings
from local.data_directory import DataDirectory, Record
from local.listening import listen_on_loopback

# Past this the process ends itself: a stuck worker thread must not keep the cloud half alive.
_STOP_PATIENCE_SECONDS = 15.0
_LOG = logging.getLogger("local")


@dataclass(frozen=True, kw_only=True)
class CloudOptions:
    """What a local cloud is started with."""

    directory: DataDirectory
    port: int
    enforce_iam: bool
    images: Path | None
    """None: those of the directory's last start."""

    pace: float | None = None
    """How many times as fast the waits of updates and of scaling pass; None: as at the last
    start."""


def run(options: CloudOptions, announce: Callable[[Record], None]) -> None:
    """Run the cloud in this process until SIGTERM or SIGINT; does not return.

    `announce` is called once it answers. Raises before that: DirectoryInUse, NotACloudDirectory,
    PortTaken, WrongEmulator, InvalidImages, StateUnreadable, OSError."""
    pin.check()
    options.directory.prepare()
    with options.directory.locked():
        listener = listen_on_loopback(options.port)
        _prepare_process(options, listener)
        # A plain loop: asyncio.run would wait for worker threads that may never end.
        loop = asyncio.new_event_loop()
        loop.run_until_complete(_serve(options, listener, announce))
        options.directory.remove_record()
        with contextlib.suppress(OSError):
            options.directory.wipe_temporary()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _prepare_process(options: CloudOptions, listener: socket.socket) -> None:
    options.directory.wipe_temporary()
    EmulatorSettings(
        port=listener.getsockname()[1],
        state_directory=options.directory.state,
        objects_directory=options.directory.objects,
        temporary_directory=options.directory.temporary,
        enforce_iam=options.enforce_iam,
    ).apply()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):  # macOS refuses an unlimited soft limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    _LOG.setLevel(logging.INFO)


async def _serve(
    options: CloudOptions, listener: socket.socket, announce: Callable[[Record], None]
) -> None:
    from local.adapter.emulator import Emulator  # imports ministack, which reads its settings then

    images = _images(options)
    pace = options.directory.pace() if options.pace is None else options.pace
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_stop, stop)
    emulator = Emulator(
        listener=listener,
        state_directory=options.directory.state,
        instances_directory=options.directory.instances,
        images=images,
        enforce_iam=options.enforce_iam,
        pace=pace,
    )
    options.directory.keep_pace(pace)
    options.directory.keep_images(images)  # only now: they have been understood
    await emulator.ready()
    record = Record(
        pid=os.getpid(),
        port=listener.getsockname()[1],
        url=emulator.url,
        version=f"ministack {pin.REQUIRED}",
        enforce_iam=options.enforce_iam,
        pace=pace,
        started=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )
    options.directory.write_record(record)
    announce(record)
    _LOG.info("the local cloud answers on %s", emulator.url)
    stopping = asyncio.ensure_future(stop.wait())
    ended = asyncio.ensure_future(emulator.ended())
    await asyncio.wait({stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        ended.result()
    await emulator.stop()
    _LOG.info("the local cloud stopped")


def _images(options: CloudOptions) -> str:
    """The images file's text, or that of the last start. Raises OSError."""
    kept = options.directory.images
    if options.images is not None:
        return options.images.read_text()
    return kept.read_text() if kept.exists() else "{}"


def _begin_stop(stop: asyncio.Event) -> None:
    if stop.is_set():  # told twice: no more patience
        os.kill(os.getpid(), signal.SIGKILL)
    stop.set()
    watchdog = threading.Timer(_STOP_PATIENCE_SECONDS, os.kill, (os.getpid(), signal.SIGKILL))
    watchdog.daemon = True
    watchdog.start()

"""The log of a training job: lines on standard output, prefixed as the built-in's (A.7)."""

import logging
import sys

_LOGGER = logging.getLogger("algorithm")


def start() -> None:
    """Send the log to standard output; each line is flushed, for the platform follows it live."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        logging.Formatter(
            "[%(asctime)s %(levelname)s %(thread)015d] %(message)s", "%m/%d/%Y %H:%M:%S"
        )
    )
    _LOGGER.handlers = [handler]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False


def info(line: object) -> None:
    _LOGGER.info("%s", line)


def warning(line: object) -> None:
    _LOGGER.warning("%s", line)


def error(line: object, *, cause: BaseException | None = None) -> None:
    """Log a failure, with the traceback of `cause` if it is one that nobody foresaw."""
    _LOGGER.error("%s", line, exc_info=cause)

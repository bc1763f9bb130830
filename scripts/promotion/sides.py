"""Which of the two environments of a promotion an error of AWS was met in."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from scripts.aws_errors import explain
from scripts.errors import Refused
from scripts.session import Session


@contextmanager
def at_side(session: Session) -> Iterator[None]:
    """Name the environment of `session` in what AWS says meanwhile. Raises Refused then."""
    where = f"environment {session.settings.name}"
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        text = explain(error, where)
        raise Refused(text if where in text else f"{where}: {text}") from error

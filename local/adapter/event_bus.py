"""Events of SageMaker on the account's default EventBridge bus.

Stock: PutEvents refuses sources that begin with `aws.` unless one of its own services puts them;
rules deliver to Lambda, SNS, SQS, Step Functions and other buses, not to log groups. Every event
ever put is kept, saved and shown to nobody.
Needed: events of `aws.sagemaker` from any thread, without waiting (facts sheet F.3); a bounded log.
Touches: `eventbridge._put_events`, `._events_log`, `responses.request_scope`.
"""

import asyncio
import json
import logging
from typing import Any

from local.sagemaker.ports import Scope

SOURCE = "aws.sagemaker"
KEPT_EVENTS = 100
_LOG = logging.getLogger("local.events")


class EventBus:
    """Puts events on the loop that it was made on, in the order in which they were emitted."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def emit(
        self, scope: Scope, detail_type: str, resources: list[str], detail: dict[str, Any]
    ) -> None:
        """Put an event soon; returns at once."""
        entry = {
            "Source": SOURCE,
            "DetailType": detail_type,
            "Resources": resources,
            # As it is now: what it describes goes on changing.
            "Detail": json.dumps(detail),
        }
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_put, scope, entry)


def _put(scope: Scope, entry: dict[str, Any]) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import eventbridge

    with request_scope(scope.account, scope.region):
        status, _, body = eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
        if status != 200 or json.loads(body)["FailedEntryCount"]:
            _LOG.error("the event %s was not taken: %s", entry["DetailType"], body)
        del eventbridge._events_log_list()[:-KEPT_EVENTS]

"""Reports that came while the database was away, noted by the ordinary way when it is back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core import log
from ivr import provider_reports
from ivr.twilio.belonging import StrangerError
from oncall.models.work.recordings import RecordingKind
from oncall.runtime import Runtime

logger = log.get_logger(__name__)


def replay(runtime: Runtime, endpoint: str, args: Mapping[str, Any], form: dict[str, str], came_at: datetime) -> None:
    """Note a report that came at that time. Each may come twice, so it does no harm if this is done again.

    One that is not about what its address names is left out, as it would have been refused.
    """
    try:
        _note(runtime, endpoint, args, form, came_at)
    except StrangerError as error:
        logger.warning("kept report refused", reason=str(error), endpoint=endpoint)


def _note(runtime: Runtime, endpoint: str, args: Mapping[str, Any], form: dict[str, str], came_at: datetime) -> None:
    if endpoint == "outgoing_status":
        provider_reports.call_progress(runtime, args["call_id"], form, came_at)
    elif endpoint == "recorded":
        provider_reports.recorded(runtime, args["call_id"], RecordingKind(args["kind"]), form, came_at)
    elif endpoint == "room_events":
        provider_reports.room_event(runtime, args["room_id"], form, came_at)
    elif endpoint == "message_status":
        provider_reports.text_progress(runtime, args["message_id"], form, came_at)

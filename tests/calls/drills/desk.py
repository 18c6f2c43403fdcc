"""A Sunday night in which Ada is on call, Bruno behind her; at 04:00 she takes over from him: her drill is at 02:00."""

from datetime import datetime, timedelta

from oncall.drills.beginning import watch_drills
from oncall.models.drills import Drill
from oncall.models.messages import Message
from tests.calls.people import DIRECTORY
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT

DRILL = SUNDAY_NIGHT
SHIFT = DRILL + timedelta(hours=2)
_BACKUP = "rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Bruno Verdi]}"
_TURNS = "{start: 2026-01-04T04:00, every: 1 week, people: [Bruno Verdi, Ada Rossi]}"
DRILLED = DIRECTORY.replace(_BACKUP, f"rotation: {_TURNS}")


def begin_drills(gateway: Gateway, now: datetime) -> None:
    """What a worker does each minute."""
    with gateway.database.transaction() as session:
        watch_drills(session, now)


def results(gateway: Gateway) -> list[tuple[str, str | None, str | None]]:
    """All drills, oldest first: state, what came of the call and of the text."""
    return [(each.state, each.call_result, each.text_result) for each in gateway.rows(Drill)]


def texts_to(gateway: Gateway, number: str) -> list[str]:
    return [text.body for text in gateway.rows(Message, Message.recipient == number, Message.channel == "text")]

"""The questions to a caller by name, the last part of the address of their answers, with what answers lead to."""

from collections.abc import Callable, Mapping
from typing import Final

from ivr.dialogue import callback, entrance, hung_up, office, problem
from ivr.dialogue.talk import Talk
from ivr.twilio.twiml import VoiceResponse

QUESTIONS: Final[Mapping[str, Callable[[Talk], VoiceResponse]]] = {
    "pin": entrance.pin,
    "office_first": office.office_first,
    "office_done": office.office_done,
    "level": problem.level,
    "priority": problem.priority,
    "known": problem.known,
    "callback": callback.callback,
    "next_key": hung_up.next_key,
}

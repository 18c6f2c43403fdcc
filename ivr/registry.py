"""All steps by name: the last part of their address."""

from collections.abc import Callable
from typing import Final

from ivr.dialogue import hung_up, problem
from ivr.dialogue.questions import QUESTIONS
from ivr.hotline import description, greeting, rejoining, waiting
from ivr.hotline.live import LiveTalk
from ivr.technician import aftermath, drill, menu, paged, rejoin, room
from ivr.twilio.twiml import VoiceResponse

Step = Callable[[LiveTalk], VoiceResponse]

CALLERS: Final[dict[str, Step]] = {
    "greet": greeting.greet,
    **QUESTIONS,
    "message": problem.message,
    "described": description.described,
    "wait": waiting.wait,
    "room": waiting.room,
    "dropped": waiting.dropped,
    "missed": waiting.missed,
    "handed": waiting.handed,
    "finished": waiting.finished,
    # after the technician has hung up
    "hung_up": rejoining.hung_up,
    "hung_up_key": hung_up.hung_up_key,
    "rejoining": rejoining.rejoining,
    "unreached": rejoining.unreached,
    # rooms, for whoever is in one
    "left": room.left,
}
TECHNICIANS: Final[dict[str, Step]] = {
    "answered": greeting.answered,
    "choose": paged.choose,
    "talk": paged.talk,
    "rejoin_key": rejoin.rejoin_key,
    "taken": drill.taken,
    "drill": drill.drill,
    # beside the room
    "aside": room.aside,
    "registered": room.registered,
    "alone": aftermath.alone,
    "alone_key": aftermath.alone_key,
    "unanswered": aftermath.unanswered,
    "closed": aftermath.closed,
    # the menu
    "menu": menu.menu,
    "item": menu.item,
}
STEPS: Final = CALLERS | TECHNICIANS

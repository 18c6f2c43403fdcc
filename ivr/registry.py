"""All steps by name: the last part of their address."""

from ivr.hotline import callback, description, greeting, hung_up, office, problem, waiting
from ivr.hotline import pin as pin_step
from ivr.technician import aftermath, drill, menu, paged, rejoin, room
from ivr.turn import Step

STEPS: dict[str, Step] = {
    # the caller
    "greet": greeting.greet,
    "pin": pin_step.pin,
    "office_first": office.office_first,
    "office_done": office.office_done,
    "level": problem.level,
    "priority": problem.priority,
    "known": problem.known,
    "message": problem.message,
    "described": description.described,
    "wait": waiting.wait,
    "callback": callback.callback,
    "room": waiting.room,
    "dropped": waiting.dropped,
    "missed": waiting.missed,
    "handed": waiting.handed,
    "finished": waiting.finished,
    # the caller, after the technician has hung up
    "hung_up": hung_up.hung_up,
    "hung_up_key": hung_up.hung_up_key,
    "rejoining": hung_up.rejoining,
    "unreached": hung_up.unreached,
    "next_key": hung_up.next_key,
    # calls that we make
    "answered": greeting.answered,
    "choose": paged.choose,
    "talk": paged.talk,
    "rejoin_key": rejoin.rejoin_key,
    "taken": drill.taken,
    "drill": drill.drill,
    # rooms, for whoever is in one
    "left": room.left,
    "aside": room.aside,
    "registered": room.registered,
    "alone": aftermath.alone,
    "alone_key": aftermath.alone_key,
    "unanswered": aftermath.unanswered,
    "closed": aftermath.closed,
    # the technician menu
    "menu": menu.menu,
    "item": menu.item,
}

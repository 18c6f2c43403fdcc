"""Every background job of the service: what it is given, how urgent it is, and what it does.

Declared below all that wakes one; the runners stand where the work is done, and a worker has all of them.
"""

from core.jobs import Urgency, job

# Pages.


@job()
def advance_page(*, page_id: int) -> None:
    """Take a page's next step if it is due."""


@job()
def check_promise(*, page_id: int) -> None:
    """Page an accepted ticket again when no work on it was logged in time."""


@job(Urgency.URGENT)
def accept_rest(*, call_id: int) -> None:
    """Go on accepting what the owner of a call has accepted all at once, but for pages whose caller is on the line."""


@job(Urgency.FIRST)
def seek_elsewhere(*, attempt_id: int) -> None:
    """Page the person of an attempt by their other channels if there is a reason to. A look too many does nothing."""


@job(Urgency.SOON)
def check_drill(*, drill_id: int) -> None:
    """See what came of a test call and its text, and take the drill's next step."""


# What was recorded.


@job()
def fetch_recording(*, recording_id: int, tries: int = 1) -> None:
    """Fetch the sound of a recording from the provider, unless it is here. `tries`: with this one."""


# Calls and messages on their way out.


@job(Urgency.URGENT, later=Urgency.URGENT)
def place_call(*, call_id: int) -> None:
    """Ring the other party of an outgoing call when it is its turn, unless that is no longer wanted."""


@job()
def send_message(*, message_id: int) -> None:
    """Send a text or mail that was put down; a text when it is its turn."""


@job(Urgency.URGENT)
def cut_off(*, call_id: int, late: bool = False) -> None:
    """Stop ringing somebody who is no longer needed; somebody who listens is told who has it instead.

    `late`: it should be over by now and no report of its end has come, also of one that has said goodbye.
    """


@job()
def tell_silence() -> None:
    """Tell managers of the numbers whose texts got no answer since they were told last."""


# Live calls beside their own conversations.


@job(Urgency.URGENT)
def move_call(*, call_id: int, step: str, room_id: int | None = None) -> None:
    """Let one live call go on with another step, if it still stands where that makes sense (in that room)."""


@job()
def repeat_move(*, call_id: int, step: str, turn: int) -> None:
    """Try a move again that the provider did not take, unless the call has gone on meanwhile."""


@job(Urgency.URGENT)
def check_room(*, room_id: int) -> None:
    """Look at a room again after somebody came or left."""


@job(Urgency.URGENT)
def bring_callers(*, room_id: int) -> None:
    """Fetch everybody who waits for the room's ticket into the room; if nobody is left, tell who waits there."""


@job(Urgency.URGENT, later=Urgency.URGENT)
def announce_caller(*, room_id: int, call_id: int, tries: int = 1) -> None:
    """Let everybody in the room hear that this caller is coming; a network that does not take it is asked again."""


@job(Urgency.URGENT)
def hold_callers(*, room_id: int, on: bool) -> None:
    """Let the callers of a room hear music while no technician is in it (`on`), or the room again."""


@job(Urgency.URGENT)
def hand_over(*, room_id: int, person_id: int) -> None:
    """A technician leaves the callers of a room to a colleague: they wait again and the others are paged."""


@job(Urgency.URGENT)
def finish_callers(*, room_id: int) -> None:
    """The technician has ended the conversation: the callers hear so and are hung up, but for those who came later."""


@job(Urgency.URGENT)
def ask_about_callers(*, ticket_id: int) -> None:
    """Ask about all callers of a ticket who are believed to be on the line."""


@job()
def check_waiting(*, call_id: int, turn: int, planned: float | None = None) -> None:
    """A caller who waits asks for the next round of music in time; who doesn't has hung up without a report of it.

    `planned`: when this should have run (real time, seconds).
    """


# Calls that are over.


@job()
def check_connected(*, call_id: int) -> None:
    """A technician's call is over: callers whom they took but are not joined with don't wait for nobody."""


@job(Urgency.FIRST)
def check_rejoined(*, call_id: int) -> None:
    """A technician who was rung for them has hung up: callers who wait for that, and were not joined, are asked on."""


@job(Urgency.URGENT)
def conclude_goodbye(*, call_id: int) -> None:
    """A caller whom a technician had left is gone, or was silent: tell the technician what there is to know."""


@job()
def check_call_back(*, call_id: int, since: str) -> None:
    """Page the ticket of a caller who asked for a call back that nobody has made in time (`since`: ISO instant)."""


@job(Urgency.URGENT)
def settle_away(*, call_id: int) -> None:
    """Page for a call that went on without the database, if that has led to no conversation."""

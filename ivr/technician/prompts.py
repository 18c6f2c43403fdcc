"""Everything that is spoken to technicians, in one place. Read each aloud before changing it.

Sentences are short: somebody who was asleep a minute ago hears them once.
"""

from collections.abc import Sequence

from core.text.phones import spell
from oncall.customers.call_back import WayBack
from oncall.models.tickets import InterventionKind


def page(priority: str, number: int, customer: str, where: str, remaining: str | None) -> str:
    """The page itself: everything that decides whether to get up. `where` is the caller: one of the three below."""
    clock = f" {remaining}." if remaining else ""
    return f"{priority}, ticket {spell(str(number))}, {customer}. {where}{clock}"


HOLDS = "The caller is on the line."
HUNG_UP = "The caller has hung up and waits for your call."
TALKS = "A colleague is talking with the caller and asks for your help."

# So few pages are sooner accepted one by one than explained.
FEWEST_FOR_ALL = 3


def page_keys(count: int) -> str:
    """The keys of a page. With `count` pages to decide about in this call they can be accepted together."""
    together = f" 5 to accept all {count}," if count >= FEWEST_FOR_ALL else ""
    return f"Press 1 to accept, 2 to pass it on, 3 for more,{together} 9 to repeat."


def page_count(count: int) -> str:
    """Before the first of several pages."""
    return f"You have {count} pages."


def more(described: bool, last: str | None) -> str:
    """Details on request, key 3; the recording is played right after them."""
    before = f"The last intervention was {last}." if last else "There was no intervention so far."
    return f"{before} {'This is what the caller said.' if described else 'The caller has left no description.'}"


def in_words(transcript: str) -> str:
    """What the provider has written down of a recording, before the recording itself."""
    return f"{transcript.rstrip('. ')}. The recording:"


def intervention(kind: InterventionKind, name: str, seconds: float | None, note: str) -> str:
    """Work done before, for `more`; `seconds` is None while it goes on."""
    if kind == InterventionKind.NOTE:
        return f"a note by {name}: {note.rstrip('. ')}"
    return f"a {kind} by {name}, " + ("which still goes on" if seconds is None else _length(seconds))


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _counted(rest, "second")
    return _counted(minutes, "minute") + (f" {_counted(rest, 'second')}" if rest else "")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def joined(*parts: str) -> str:
    """Sentences one after the other; empty ones are left out."""
    return " ".join(filter(None, parts))


GOODBYE = "Goodbye."
NOT_UNDERSTOOD = "Sorry, that key is not in use here."
PASSED = "Passed on. Thank you."
NO_KEY = "No key was pressed, so the next person is called."
UNDECIDED = "Neither 1 nor 2 was pressed, so the next person is called."
WRONG_KEYS = "Only keys that are not in use here were pressed, so the next person is called."
GOES_ON = "This went on to the next person."
# Short: the caller hears nothing of it and waits.
CONNECTING = "It is yours. Connecting. Press star for options."
ACCEPTED_CALLER_GONE = (
    "It is yours. The caller is no longer on the line. Press 1 to call back now,"
    " or hang up and call back later from the technician menu."
)
ACCEPTED_LATER = "It is yours. The caller is no longer on the line: call back later from the technician menu."


def more_pages(count: int) -> str:
    """After an acceptance, when more pages are to be decided about."""
    return "There is one more." if count == 1 else f"There are {count} more."


def all_accepted(count: int) -> str:
    """After key 5, when no caller is on the line."""
    return (
        f"All {count} are yours. No caller is on the line. To call the customer of the most urgent one, press 1,"
        " or hang up and call back later from the technician menu."
    )


def has_it(name: str) -> str:
    """For who comes too late."""
    return f"{name} has accepted this ticket already. Thank you."


def yours(number: int) -> str:
    """After an acceptance by text or in the browser while their phone was ringing."""
    return f"Ticket {spell(str(number))} is yours. Thank you."


NOBODY_NEEDED = "Nobody is needed any more. Thank you."


def connect(customer: str, number: int) -> str:
    """After an acceptance by text, while the caller holds."""
    return f"{customer} is on the line for ticket {spell(str(number))}, which you accepted. Press 1 to talk."


def on_the_line(customer: str, number: int) -> str:
    """They asked to be rung, and the customer is on the line."""
    return f"{customer} is on the line for ticket {spell(str(number))}. Press 1 to talk."


def as_you_asked(customer: str, number: int) -> str:
    """They asked to be rung, and nobody is on the line."""
    return f"You asked to be rung for ticket {spell(str(number))}, {customer}. {WHAT_NEXT}"


def not_yours_any_more(number: int) -> str:
    """They asked to be rung for a ticket that was closed, or went to somebody else, before they picked up."""
    return f"Ticket {spell(str(number))} is closed, or somebody else has it now."


def rejoin(customer: str, number: int) -> str:
    """The technician's line has ended, and the caller did not hang up."""
    return (
        f"Your call with {customer} about ticket {spell(str(number))} has ended, and the caller is still on the line."
        " Press 1 to talk again."
    )


CONNECTING_AGAIN = "Connecting. Press star for options."


def caller_waits(customer: str, number: int) -> str:
    """Who was rung for one caller of a ticket, when only another one is on the line."""
    return f"{customer} is on the line for ticket {spell(str(number))}. Press 1 to talk."


# --- the test call before a shift ------------------------------------------------------------------------------


def test_call(shift: tuple[str, str, str] | None) -> str:
    """The test: nobody may take it for a page. `shift` is the roster, the layer and when it begins."""
    about = f"Your shift in {shift[0]}, {shift[1]}, begins {shift[2]}. " if shift else ""
    return (
        f"This is a test call of the after-hours hotline. No customer is waiting. {about}Press 1 if you hear this well."
    )


TEST_PASSED = "Thank you, all is well."
TEST_NO_KEY = "No key was pressed."
TEST_WRONG_KEYS = "Key 1 was not pressed, only others."
# A page has come while the phone rang, or while the test was heard: who expects a test must know.
NO_TEST = "This is no test, it is a real page."
TEST_STOPS = "The test stops here. This is a real page."

# --- after a conversation ---------------------------------------------------------------------------------------

_CLOSE_OR_LEAVE = "To close the ticket with a spoken note, press 2. To leave it open, press 3 or hang up."
ALONE = f"The caller is no longer on the line. To call back now, press 1. {_CLOSE_OR_LEAVE}"
ENDED = f"The conversation has ended. {_CLOSE_OR_LEAVE}"
UNANSWERED = f"The customer did not pick up. To try again, press 1. {_CLOSE_OR_LEAVE}"
STOPPED_CALLING = f"I have stopped calling the customer. To try again, press 1. {_CLOSE_OR_LEAVE}"
WHAT_NEXT = f"To call the customer, press 1. {_CLOSE_OR_LEAVE}"


def aside(music: bool) -> str:
    """The technician has pressed star; without music a colleague goes on talking with the caller."""
    caller = "The caller hears music." if music else "The others go on talking."
    return (
        f"{caller} To go back, press 1. To bring in a colleague, press 2. To hand over, press 3."
        " To end the conversation, press 4."
    )


CAME_MEANWHILE = "Another caller has joined the conversation meanwhile."
WRONG_KEYS_BACK = "Only keys that are not in use here were pressed. Going back."
COLLEAGUE_CALLED = "A colleague is being called and will join you. Going back."
HAND_OVER_DONE = "A colleague is being called, and the caller waits for them. Thank you."
LEAVE_OPEN = "The ticket stays open, and it stays with you."
LEAVE_OPEN_THEIRS = "The ticket stays open."
CLOSING_NOTE = "After the tone, say what was done, for up to one minute. Press hash when you are done, or hang up."


def closed(number: int) -> str:
    """After the closing note."""
    return f"Ticket {spell(str(number))} is closed. Thank you."


NOTE_EMPTY = "I heard no note, so the ticket stays open."
CALLING_CUSTOMER = "Calling the customer, who sees the hotline's number. Please stay on the line. Star stops the call."


# Where a key calls the customer, as it is said when there is a number to call.
_CALL_KEYS = ("To call back now, press 1.", "To call the customer, press 1.")
_CALL_OR_LATER = ("Press 1 to call back now, or", "To call the customer of the most urgent one, press 1, or")


def with_numbers(words: str, way: WayBack) -> str:
    """`words` with what key 1 does when the caller's own number can't be called: nothing is offered that can't be."""
    if way.number is not None:
        return words
    for sentence in _CALL_KEYS:
        words = words.replace(sentence, _offer(way))
    for beginning in _CALL_OR_LATER:
        instead = "Or" if way.registered else "Please close the ticket with a spoken note, key 2, or"
        words = words.replace(beginning, f"{_offer(way)} {instead}")
    return words if way.registered else words.replace("call back later from", "go on later with")


def _offer(way: WayBack) -> str:
    if not way.registered:
        return f"{_why(way)} No number is registered for the customer, so there is none to call."
    if len(way.registered) > 1:
        return f"{_why(way)} To choose one of the customer's {len(way.registered)} registered numbers, press 1."
    return f"{_why(way)} To call the customer's registered number ending in {spell(way.registered[0][-2:])}, press 1."


def _why(way: WayBack) -> str:
    if way.name is not None:
        return f"The caller has no telephone number, only the SIP name {way.name}."
    return "The caller's number is withheld." if way.withheld else "The caller's number can't be called back."


def which_number(way: WayBack) -> str:
    """The customer's registered numbers, each with a key."""
    keys = "; ".join(f"{spell(number[-2:])}, press {key}" for key, number in enumerate(way.registered, start=1))
    return f"{_why(way)} To call the registered number ending in {keys}. To go back, press star."


def calling_registered(number: str, way: WayBack) -> str:
    """Before the call is placed, on a number that is not the caller's own."""
    return f"{_why(way)} I call the registered number ending in {spell(number[-2:])}. {CALLING_CUSTOMER}"


# --- the technician menu ---------------------------------------------------------------------------------------


def menu(open_count: int) -> str:
    """The main menu."""
    on_call_key = "To hear who is on call, press 2."
    if not open_count:
        return f"Technician menu. There are no open tickets. {on_call_key}"
    tickets = "is 1 open ticket. To hear it" if open_count == 1 else f"are {open_count} open tickets. To hear them"
    return f"Technician menu. There {tickets}, press 1. {on_call_key}"


def item(priority: str, number: int, customer: str, state: str, keys: str) -> str:
    """One ticket of the list."""
    return f"{priority}, ticket {spell(str(number))}, {customer}. {state} {keys}"


def item_keys(open_page: bool, caller_waits: bool, can_call: bool = True) -> str:
    """What can be done with a ticket of the list. `can_call`: there is a number to call."""
    accept = "1 to accept, " if open_page else ""
    call = "3 to talk to the caller, " if caller_waits else "3 to call the customer, " if can_call else ""
    return (
        f"Press {accept}2 for the next ticket, {call}4 to close it with a spoken note, 9 to repeat, star for the menu."
    )


HAS_LEFT = "This number is no longer on our list of technicians, so I have to end this call."
NOTHING_CHOSEN = "No key was pressed."
ONLY_WRONG_KEYS = "Only keys that are not in use here were pressed."
NO_MORE_ITEMS = "These were all."
NO_ITEMS = "There is no open ticket."
YOURS_ALREADY = "This one is yours already."
NO_PAGE = "Nobody is being called for this one. Press 3 to take it and call the customer."


def item_state(holder: str | None, mine: bool, paging: bool, caller_waits: bool) -> str:
    """Who has it, and whether somebody holds the line."""
    who = "It is yours." if mine else f"{holder} has it." if holder else "Nobody has it yet."
    if paging:
        who += " Somebody is being called for it."
    return who + (" The caller is on the line." if caller_waits else "")


def on_call(names: Sequence[tuple[str, str]]) -> str:
    """Who is on call: pairs of layer and name."""
    if not names:
        return "Nobody is on call now."
    return "On call now: " + "; ".join(f"{layer}, {name}" for layer, name in names) + "."

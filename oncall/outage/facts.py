"""What each fact of a journal becomes: the call, the ticket, its timeline, recordings, interventions, refusals."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.text.phones import CallerId, mask
from oncall.calls.call_end import end_call
from oncall.customers.call_back import ours_among, refusal_of
from oncall.customers.callers import CALLER_NAME, call_that_came_in
from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.call_memo import Away, AwayState
from oncall.models.calls import PhoneCall, lock_call
from oncall.models.customers import Contract, registered_customers
from oncall.models.refusals import Reason, refuse
from oncall.models.ring_back import ring_back
from oncall.models.tickets import EventKind, Ticket
from oncall.models.work.recordings import RecordingKind
from oncall.outage import conversations, goodbye_facts
from oncall.outage.fact import WITHOUT, Fact
from oncall.outage.journal import Entry
from oncall.outage.settling import settle, settle_later
from oncall.outage.unknown_callers import tell_those_in_charge
from oncall.runtime import Runtime, Work
from oncall.sla.promises import Priority
from oncall.tickets.intake import put_down_ticket, want_call_back
from oncall.tickets.notes import keep_recording

# A ticket that the same call has opened within that time of its report is the one reported.
_LOST_ANSWER = timedelta(seconds=60)


def put_down(session: Session, runtime: Runtime, entry: Entry) -> None:
    """Write one fact down. The caller's transaction also holds the mark that this was done."""
    fact = Fact(session, runtime, _call(session, entry), entry)
    _know_contract(fact)
    write = _KINDS.get(entry.kind)
    if write is None:
        raise ValueError(f"no such kind of fact: {entry.kind}")
    write(fact)
    session.flush()


def _call(session: Session, entry: Entry) -> PhoneCall:
    """The row of the call, made now if the call began without the database."""
    row = entry.more.get("row")
    call = lock_call(session, row) if row is not None else None
    if call is None:
        caller = CallerId(entry.more.get("caller"), entry.more.get(CALLER_NAME) or None)
        call = call_that_came_in(session, entry.call, caller, entry.at, answered=True)
    call.number = call.number or entry.more.get("caller")
    return call


def _know_contract(fact: Fact) -> None:
    contract_id = fact.get("contract")
    if contract_id is None or fact.call.contract_id is not None:
        return
    contract = fact.session.get(Contract, contract_id)
    if contract is not None:
        fact.call.contract_id, fact.call.customer_id = contract.id, contract.customer_id
        fact.session.flush()


def _came(fact: Fact) -> None:
    """The row is all there is to it."""


def _offline(fact: Fact) -> None:
    fact.tell(EventKind.WARNING, f"The call goes on {WITHOUT}.")


def _pin(fact: Fact) -> None:
    row = insert(PinAttempt).values(
        call_id=fact.call.id,
        turn=fact.get("turn"),
        at=fact.at,
        number=fact.get("number"),
        pool=fact.get("pool"),
        outcome=fact.get("outcome"),
    )
    fact.session.execute(row.on_conflict_do_nothing())
    fact.call.step = "pin"


def _right(fact: Fact) -> None:
    fact.call.step = "level"


def _refused(fact: Fact) -> None:
    word = fact.get("reason")  # of whichever version wrote the fact
    refuse(fact.session, fact.call, Reason(word) if word in set(Reason) else word, fact.at)


def _ring_back(fact: Fact) -> None:
    refuse(fact.session, fact.call, Reason.GUESS_LIMIT, fact.at)
    fact.call.memo.ring_back = True
    if not fact.call.live:
        ring_back(fact.session, fact.call, fact.at)


def _office(fact: Fact) -> None:
    fact.call.result = "connected to the office"


def _level(fact: Fact) -> None:
    fact.call.step = "priority"


def _reported(fact: Fact) -> None:
    """A ticket was due from that instant on. Its contract may have been removed meanwhile: then people are told."""
    if fact.call.contract_id is None:
        tell_those_in_charge(fact.session, fact.call, fact.entry)
        return
    if _was_committed(fact):
        fact.call.memo.away = Away(AwayState.RINGING, fact.at)
        settle_later(fact.session, fact.runtime, fact.call)
        return
    priority = Priority(fact.get("priority"))
    origin = f"away:{fact.entry.key}"
    ticket = put_down_ticket(fact.session, fact.runtime, fact.call, priority, fact.at, origin, calling=False)
    fact.tell(EventKind.WARNING, f"Reported {WITHOUT}.")
    if ticket.priority in {Priority.P1, Priority.P2}:
        fact.call.memo.away = Away(AwayState.RINGING, fact.at)
        settle_later(fact.session, fact.runtime, fact.call)


def _was_committed(fact: Fact) -> bool:
    """Whether the ordinary way had opened the ticket, and only its answer was lost as the database went."""
    if fact.ticket_id is None:
        return False
    ticket = fact.session.get_one(Ticket, fact.ticket_id)
    return ticket.priority == fact.get("priority") and abs(ticket.opened_at - fact.at) < _LOST_ANSWER


def _again(fact: Fact) -> None:
    fact.call.ticket_id = fact.get("ticket")
    fact.call.result = "known ticket"
    fact.session.flush()
    fact.tell(EventKind.CALLER, f"The customer called again from {mask(fact.call.number)}, {WITHOUT}.")
    fact.call.memo.away = Away(AwayState.RINGING, fact.at)
    settle_later(fact.session, fact.runtime, fact.call)


def _ringing(fact: Fact) -> None:
    person = fact.person()
    fact.call.memo.away = Away(AwayState.RINGING, fact.at)
    settle_later(fact.session, fact.runtime, fact.call)
    if person is not None:
        fact.tell(EventKind.ATTEMPT, f"Calling {person.name} with the caller on the line, {WITHOUT}.", person)


def _passed(fact: Fact) -> None:
    person = fact.person()
    if person is not None:
        fact.tell(EventKind.PASSED, f"{person.name} passed it on.", person)


def _wrong_key(fact: Fact) -> None:
    """What came of the call is told by its own fact; this says that somebody was there."""
    person = fact.person()
    if person is not None:
        words = f"{person.name}'s phone was answered, and a key without a meaning was pressed."
        fact.tell(EventKind.WRONG_KEYS, words, person)


def _accepted(fact: Fact) -> None:
    person = fact.person()
    if person is not None and fact.ticket_id is not None:
        ticket = fact.session.get_one(Ticket, fact.ticket_id)
        conversations.begun(fact.session, fact.runtime, fact.call, ticket, person, fact.entry)


def _dialed(fact: Fact) -> None:
    person = fact.person()
    if person is None or fact.ticket_id is None:
        return
    ticket = fact.session.get_one(Ticket, fact.ticket_id)
    conversations.ended(fact.session, fact.runtime, fact.call, ticket, person, fact.entry)


def _all_busy(fact: Fact) -> None:
    fact.call.memo.away = Away(AwayState.RINGING, fact.at)
    settle_later(fact.session, fact.runtime, fact.call)
    fact.tell(EventKind.WARNING, "Everybody is talking with somebody else: the caller holds.")


def _nobody(fact: Fact) -> None:
    """The search has ended without anybody: the ordinary page begins at once, the caller is asked for a message."""
    fact.tell(EventKind.WARNING, "Nobody picked up: the caller was asked for a message.")
    fact.call.memo.away = Away(AwayState.ALONE, fact.at)
    settle(Work(fact.session, fact.runtime, fact.runtime.clock.now()), fact.call)


def _handed_back(fact: Fact) -> None:
    fact.call.memo.away = None
    fact.call.waiting = fact.call.live


def _recording(fact: Fact) -> None:
    if fact.ticket_id is None:
        tell_those_in_charge(fact.session, fact.call, fact.entry)
        return
    sid, url, seconds = fact.get("sid"), fact.get("url"), fact.get("seconds")
    keep_recording(fact.session, fact.ticket_id, RecordingKind.MESSAGE, sid, url, seconds, fact.at)


def _callback(fact: Fact) -> None:
    """The directory may have changed meanwhile: what may not be called now is not called."""
    number = fact.get("number")
    ours = ours_among(fact.session, fact.runtime.settings, [number])
    if fact.ticket_id is None or number is None:
        return
    registered = fact.call.customer_id in registered_customers(fact.session, number)
    if refusal_of(number, ours, registered=registered) is None:
        want_call_back(fact.session, fact.call, number, fact.at)


def _blind(fact: Fact) -> None:
    fact.call.result = "left a message"
    tell_those_in_charge(fact.session, fact.call, fact.entry)


def _over(fact: Fact) -> None:
    end_call(fact.session, fact.call, fact.get("status"), fact.at)


_KINDS: dict[str, Callable[[Fact], None]] = {
    "came": _came,
    "offline": _offline,
    "pin": _pin,
    "right": _right,
    "refused": _refused,
    "ring_back": _ring_back,
    "office": _office,
    "level": _level,
    "reported": _reported,
    "again": _again,
    "ringing": _ringing,
    "passed": _passed,
    "wrong_key": _wrong_key,
    "accepted": _accepted,
    "dialed": _dialed,
    "dropped": goodbye_facts.dropped,
    "rejoin": goodbye_facts.rejoin,
    "asked_on": goodbye_facts.asked_on,
    "silent": goodbye_facts.silent,
    "call_back": goodbye_facts.call_back,
    "number_wrong": goodbye_facts.number_wrong,
    "all_busy": _all_busy,
    "nobody": _nobody,
    "handed_back": _handed_back,
    "recording": _recording,
    "callback": _callback,
    "blind": _blind,
    "over": _over,
}

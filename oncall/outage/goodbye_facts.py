"""What the facts of a goodbye become: the technician's line has ended, and the caller was still there."""

from core.jobs import Urgency
from oncall.models import jobs
from oncall.models.call_memo import Away, AwayState
from oncall.models.tickets import EventKind
from oncall.outage.fact import WITHOUT, Fact
from oncall.outage.settling import settle_later
from oncall.tickets.intake import forget_call_back, still_open_line, want_call_back


def dropped(fact: Fact) -> None:
    """Of earlier versions: the caller was cut off, and the search began anew with the same technician."""
    fact.call.memo.away = Away(AwayState.RINGING, fact.at)
    settle_later(fact.session, fact.runtime, fact.call)
    fact.tell(EventKind.DROPPED, "The technician's line dropped; the same technician is called again.")


def rejoin(fact: Fact) -> None:
    """Who has hung up is rung for a caller who is still there. Nobody is paged for it: they have talked."""
    person = fact.person()
    if person is not None:
        fact.call.memo.left_by, fact.call.memo.rung = person.id, True
        fact.tell(
            EventKind.ATTEMPT, f"Calling {person.name} again, the caller is still on the line, {WITHOUT}.", person
        )


def asked_on(fact: Fact) -> None:
    """The caller wants the next person: a search like any other, but not with the same technician first."""
    fact.call.memo.left_by = None
    fact.call.memo.away = Away(AwayState.RINGING, fact.at)
    if fact.get("person") is not None:
        fact.call.memo.away_after = fact.get("person")
    settle_later(fact.session, fact.runtime, fact.call)
    fact.tell(EventKind.CALLER, "The caller asks for the next person.")


def silent(fact: Fact) -> None:
    """Nobody pressed a key after the technician had hung up: the technician is told."""
    if fact.person() is not None and fact.ticket_id is not None:
        fact.call.memo.left_by, fact.call.memo.silent = fact.get("person"), True
        if fact.get("wrong_keys"):
            fact.call.memo.only_wrong_keys = True
        fact.tell(EventKind.CALLER, still_open_line(bool(fact.get("wrong_keys"))))
        jobs.conclude_goodbye.with_urgency(Urgency.NORMAL).wake(fact.session, call_id=fact.call.id)


def call_back(fact: Fact) -> None:
    """Asked for after a conversation: who has the ticket is told, and held to it."""
    if fact.person() is None or fact.ticket_id is None:
        return
    fact.call.memo.left_by, fact.call.memo.wants_call = fact.get("person"), True
    if fact.get("number") is not None:
        want_call_back(fact.session, fact.call, fact.get("number"), fact.at)
    jobs.conclude_goodbye.with_urgency(Urgency.NORMAL).wake(fact.session, call_id=fact.call.id)


def number_wrong(fact: Fact) -> None:
    """The number that was agreed upon with the database is wrong, as the caller said without it."""
    if fact.ticket_id is not None:
        forget_call_back(fact.session, fact.call)
        fact.tell(EventKind.CALLER, "The number to call back is wrong, as the caller says.")

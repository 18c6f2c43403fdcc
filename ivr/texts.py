"""Texts that technicians send: ACK, PASS, DONE, WHO, HELP. Every one gets an answer that says what happened."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.phones import caller_number
from core.wakeups import URGENT, wake
from oncall import who
from oncall.calls import PhoneCall
from oncall.closing import close
from oncall.interventions import write_note
from oncall.messages import IncomingText
from oncall.paging.accept import Verdict, accept, pass_on
from oncall.paging.codes import pages_with
from oncall.paging.models import Attempt, Page
from oncall.paging.ringing import caller_is_waiting
from oncall.people import Person, by_phone
from oncall.runtime import Runtime
from oncall.wording import gsm

HELP = (
    "ACK code: take the ticket. PASS code: next person. DONE code what was done: close it. WHO: who is on call."
    " For the menu call this number."
)
_COMMAND = re.compile(r"\s*(ACK|PASS|DONE)\b\s*(\S*)\s*(.*)", re.IGNORECASE | re.DOTALL)


def reply(runtime: Runtime, form: dict[str, str]) -> str:
    """The answer to a text, or nothing for numbers that aren't a technician's. The same text is answered once."""
    sid, number = form.get("MessageSid", ""), caller_number(form.get("From", ""))
    body, now = form.get("Body", ""), runtime.clock.now()
    with runtime.database.transaction() as session:
        person = by_phone(session, number)
        if person is None or number is None:
            return ""
        # One text after the other for each person: the second delivery waits for the first, and finds its answer.
        session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
        seen = session.get(IncomingText, sid)
        if seen is not None:
            return seen.answer
        answer = gsm(_carry_out(session, runtime, person, body, sid))
        session.add(IncomingText(provider_sid=sid, number=number, body=body, answer=answer, at=now))
        return answer


def _carry_out(session: Session, runtime: Runtime, person: Person, body: str, sid: str) -> str:
    word = body.strip().upper()
    if word == "WHO":
        return _who(session, runtime)
    found = _COMMAND.fullmatch(body)
    if found is None:
        return HELP if word == "HELP" else f"Not understood. {HELP}"
    command, code, rest = found.group(1).upper(), found.group(2), found.group(3).strip()
    page, problem = _page(session, command, code)
    if page is None:
        return problem
    if command == "ACK":
        return _acknowledge(session, runtime, person, page)
    if command == "PASS":
        return _pass(session, runtime, person, page)
    return _done(session, runtime, person, page, rest, sid)


def _page(session: Session, command: str, code: str) -> tuple[Page | None, str]:
    """The page that a code means, or a sentence that says what is wrong with the code."""
    if not re.fullmatch(r"\d{4}", code):
        return None, f"{command} needs the four digits from the page's text, such as {command} 1234."
    pages = pages_with(session, code)
    if not pages:
        return None, f"There is no page with code {code}. Look at the newest text, or call this number for the menu."
    page = pages[0]
    if page.ticket.state == "closed":
        return None, f"Code {code} is old: ticket {page.ticket.number} is closed."
    return page, ""


def _who(session: Session, runtime: Runtime) -> str:
    lines = []
    for roster in who.on_call(session, runtime.clock.now()):
        names = [f"{layer.layer}: {', '.join(p.name for p in layer.people) or 'nobody'}" for layer in roster.layers]
        lines.append(
            f"{roster.roster.name}: {'; '.join(names)}" if hasattr(roster.roster, "name") else "; ".join(names)
        )
    return " / ".join(lines) or "There is no roster."


def _acknowledge(session: Session, runtime: Runtime, person: Person, page: Page) -> str:
    ticket = page.ticket
    result = accept(session, runtime, page.id, person, "text", runtime.clock.now())
    if result.verdict is Verdict.LOST and result.holder:
        return f"{result.holder.name} has accepted ticket {ticket.number} already."
    if result.verdict is Verdict.OVER:
        return f"The page for ticket {ticket.number} is over."
    waits = caller_is_waiting(session, ticket.id)
    if waits:
        _connect(session, runtime, person, page)
        return f"Ticket {ticket.number} is yours. The caller holds: your phone rings now, press 1 to talk."
    number = ticket.callback_number or ticket.caller_number or "number withheld"
    return f"Ticket {ticket.number} is yours. Call the customer back from the menu of this number ({number})."


def _connect(session: Session, runtime: Runtime, person: Person, page: Page) -> None:
    """Ring the technician to join the caller, unless their phone is being rung or answered right now."""
    live = select(PhoneCall.id).where(
        PhoneCall.person_id == person.id, PhoneCall.direction == "out", PhoneCall.state != "ended"
    )
    if session.scalar(live.limit(1)) is not None:
        return
    call = PhoneCall(
        direction="out",
        purpose="connect",
        number=person.phone,
        person_id=person.id,
        ticket_id=page.ticket_id,
        state="queued",
        step="answered",
        created_at=runtime.clock.now(),
    )
    session.add(call)
    session.flush()
    wake(session, "place_call", priority=URGENT, call_id=call.id)


def _pass(session: Session, runtime: Runtime, person: Person, page: Page) -> str:
    query = select(Attempt.id).where(
        Attempt.page_id == page.id, Attempt.person_id == person.id, Attempt.outcome.is_(None)
    )
    attempt = session.scalar(query.order_by(Attempt.id.desc()).limit(1))
    passed = pass_on(session, attempt, runtime.clock.now()) if attempt else None
    if passed is None:
        return f"Ticket {page.ticket.number} is not with you at this moment: nothing to pass on."
    wake(session, "advance_page", priority=URGENT, page_id=passed)
    call_id = session.get_one(Attempt, attempt).call_id
    if call_id is not None:
        wake(session, "cut_off", priority=URGENT, call_id=call_id)
    return f"Passed on: ticket {page.ticket.number} goes to the next person."


def _done(session: Session, runtime: Runtime, person: Person, page: Page, note: str, sid: str) -> str:
    if not note:
        return f"Please say what was done: DONE {page.code} and your words."
    now = runtime.clock.now()
    write_note(session, page.ticket_id, person, "text", note, f"text:{sid}", now)
    close(session, runtime, page.ticket, person, now)
    return f"Ticket {page.ticket.number} is closed with your note. Thank you."

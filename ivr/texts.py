"""Texts that technicians send: ACK, PASS, DONE, OK, WHO, HELP. Every one gets an answer that says what happened."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from core.phones import caller_number
from oncall import who
from oncall.closing import close
from oncall.drills.checking import answer_text
from oncall.hotline import page_of
from oncall.interventions import write_note
from oncall.messages import IncomingText
from oncall.paging.codes import pages_with
from oncall.paging.models import Page
from oncall.people import Person, by_phone
from oncall.rostering.handoffs import confirm
from oncall.runtime import Runtime
from oncall.taking import Answer, pass_on, take
from oncall.wording import gsm
from schedules.wall_clock import spoken_when

HELP = (
    "ACK code: take the ticket. PASS code: next person. DONE code what was done: close it. WHO: who is on call."
    " OK: you know that you come on call, or a test has arrived."
    " For the menu call this number."
)
_OK = frozenset({"OK", "OKAY"})
_NOT_ARRIVED = "The network says that your test text did not arrive, so your manager has been told."
_COMMAND = re.compile(r"(ACK|PASS|DONE)(?![A-Z])\W*(\S*)[\s.,:;]*(.*)", re.IGNORECASE | re.DOTALL)

logger = log.get_logger(__name__)

# Twilio acts on these by itself: no command, and no answer. They change nothing here, as anybody can send them under
# anybody's number. What they have done is seen when something is sent: it is refused (21610), or it arrives.
OPT_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"})
OPT_IN = frozenset({"START", "YES", "UNSTOP"})


@dataclass(frozen=True)
class Sender:
    """Who sent a text, and what is needed to act on it."""

    session: Session
    runtime: Runtime
    person: Person
    now: datetime


def reply(runtime: Runtime, form: dict[str, str]) -> str:
    """The answer to a text, or nothing for numbers that aren't a technician's. The same text is answered once."""
    sid = form.get("MessageSid") or form.get("SmsSid") or f"none:{secrets.token_hex(16)}"
    number = caller_number(form.get("From", ""))
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
        answer = gsm(_carry_out(Sender(session, runtime, person, now), body, sid))
        session.add(IncomingText(provider_sid=sid, number=number, body=body, answer=answer, at=now))
        return answer


def _carry_out(sender: Sender, body: str, sid: str) -> str:
    word, command = body.strip().strip(".!?").upper(), read_command(body)
    if word in OPT_OUT | OPT_IN:
        logger.info("word for the network itself, which acts on it", word=word, person=sender.person.id)
        return ""
    if word == "WHO":
        return _who(sender)
    if word in _OK:
        return _confirm(sender)
    if command is None:
        return HELP if word == "HELP" else f"Not understood. {HELP}"
    verb, code, rest = command
    page, problem = _page(sender.session, verb, code)
    if page is None:
        return problem
    carry_out = {"ACK": _acknowledge, "PASS": _pass}.get(verb)
    return carry_out(sender, page) if carry_out else _done(sender, page, rest, sid)


def read_command(body: str) -> tuple[str, str, str] | None:
    """The command, its code and the words after it, as tired people type them; None when it is no command. Pure."""
    found = _COMMAND.fullmatch(body.strip())
    if found is None:
        return None
    command, code, rest = found.groups()
    return command.upper(), code.rstrip(".,:;"), rest.strip()


def _page(session: Session, command: str, code: str) -> tuple[Page | None, str]:
    """The page that a code means, or a sentence that says what is wrong with the code."""
    if not re.fullmatch(r"\d{4}|\d{6}", code):
        return None, f"{command} needs the code from the page's text, such as {command} 1234."
    pages = pages_with(session, code)
    if not pages:
        return None, f"There is no page with code {code}. Look at the newest text, or call this number for the menu."
    page = pages[0]
    number = page.ticket.number
    if page.ticket.state == "closed":
        return None, f"Code {code} is old: ticket {number} is closed."
    newest = page_of(session, page.ticket_id)
    if newest is not None and newest.id != page.id and newest.state == "paging":
        return None, f"Code {code} is old: for ticket {number} it is {newest.code} now. Reply {command} {newest.code}."
    return page, ""


def _who(sender: Sender) -> str:
    rosters = who.on_call(sender.session, sender.now)
    lines = []
    for roster in rosters:
        layers = [f"{layer.layer}: {', '.join(p.name for p in layer.people) or 'nobody'}" for layer in roster.layers]
        name = f"{roster.roster} - " if len(rosters) > 1 else ""
        lines.append(name + "; ".join(layers))
    return f"On call now: {' / '.join(lines)}." if lines else "There is no roster."


def _confirm(sender: Sender) -> str:
    """One OK answers the notice of a handoff and the text of a drill, whichever there are."""
    notice = confirm(sender.session, sender.person, sender.now)
    drill = answer_text(sender.session, sender.person, sender.now)
    if notice is None and drill is None:
        return f"There is no handoff to confirm. {HELP}"
    words = ["Thank you."]
    if drill is not None:
        words.append("Your test text is confirmed." if drill.text_result != "failed" else _NOT_ARRIVED)
    # Of a shift long begun only if nothing else was meant.
    if notice is not None and (drill is None or notice.confirmed_at == sender.now or notice.at > sender.now):
        when = spoken_when(notice.at, sender.now, notice.roster.time_zone)
        words.append(f"You are on call from {when} ({notice.roster.name}, {notice.layer}).")
    if drill is not None and drill.call_result is None:
        words.append("For the test call, press 1 on your phone.")
    return " ".join(words)


def _acknowledge(sender: Sender, page: Page) -> str:
    ticket = page.ticket
    taking = take(sender.session, sender.runtime, page, sender.person, "text", sender.now)
    match taking.answer:
        case Answer.TALKING:
            words = f"You are in a conversation, and ticket {ticket.number}'s caller is waiting"
            return f"{words}: the next person is called."
        case Answer.HELPING:
            return (
                f"Ticket {ticket.number}: answer your phone and press 1. Only a call brings you into the conversation."
            )
        case Answer.LOST:
            return f"{taking.holder} has accepted ticket {ticket.number} already."
        case Answer.OVER:
            return f"The page for ticket {ticket.number} is over."
    if taking.rings:
        return f"Ticket {ticket.number} is yours. The caller holds: your phone rings, press 1 to talk."
    number = ticket.callback_number or ticket.caller_number
    where = f" ({number})" if number else ""
    return f"Ticket {ticket.number} is yours. Call this number, and the menu calls the customer back{where}."


def _pass(sender: Sender, page: Page) -> str:
    if not pass_on(sender.session, page, sender.person, sender.now):
        return f"Ticket {page.ticket.number} is not with you at this moment: nothing to pass on."
    return f"Passed on: ticket {page.ticket.number} goes to the next person."


def _done(sender: Sender, page: Page, note: str, sid: str) -> str:
    if not note:
        return f"Please say what was done: DONE {page.code} and your words."
    write_note(sender.session, page.ticket_id, sender.person, "text", note, f"text:{sid}", sender.now)
    close(sender.session, sender.runtime, page.ticket, sender.person, sender.now)
    return f"Ticket {page.ticket.number} is closed with your note. Thank you."

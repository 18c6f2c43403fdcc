"""Sentences on tickets and in texts and mails. What is spoken stands in `ivr.prompts`."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.people import Person
from oncall.sla import minutes_left
from oncall.tickets import Ticket
from schedules.wall_clock import spoken_when

# Two joined segments of GSM-7 characters.
TWO_SEGMENTS = 306
# Of a customer's name where there is little room.
LONGEST_NAME = 20
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(position: int) -> str:
    """1 -> "first"; past the tenth the figure is used."""
    return ORDINALS[position - 1] if position <= len(ORDINALS) else f"{position}th"


def page_text(
    ticket: Ticket, code: str, helping: bool, caller_waits: bool, now: datetime, hotline: str, link: str
) -> str:
    """The text that goes out with a page: GSM-7 characters, two segments at most for usual names."""
    call = ticket.callback_number or ticket.caller_number
    if helping:
        where = "a colleague in the conversation needs you"
    else:
        where = "caller is on the line" if caller_waits else f"call back {call or 'number withheld'}"
    left = "" if ticket.due_at is None else f" {max(0, minutes_left(ticket.due_at, now))} min left."
    if helping:  # only a call brings somebody into the conversation
        ways = f"Answer your phone and press 1, or reply PASS {code}."
    else:
        ways = f"Reply ACK {code}, PASS {code} or DONE {code} what you did."
    about = f"{ticket.priority} ticket {ticket.number} {gsm(ticket.customer.name)}: {where}.{left}"
    return f"{about} {ways} Menu: call {hotline}. {link}"


@dataclass(frozen=True)
class PageLine:
    """A page as it stands in a text about more of them.

    `waits`: its caller is on the line. `helping`: a colleague in a conversation asks for somebody.
    """

    priority: str
    ticket: int
    customer: str
    code: str
    waits: bool
    helping: bool = False

    @property
    def words(self) -> str:
        about = f"{self.priority} {self.ticket} {gsm(self.customer)[:LONGEST_NAME]}"
        if self.helping:  # only a call brings somebody into the conversation
            return f"{about}: help a colleague, answer your phone. PASS {self.code}."
        return f"{about}{' ON THE LINE' if self.waits else ''}: ACK {self.code}."


def pages_text(lines: Sequence[PageLine], total: int, hotline: str) -> str:
    """The text about `total` pages: the first of `lines` that fit into two segments, each with its code."""
    parts = [line.words for line in lines]
    for count in range(len(parts), 0, -1):
        rest = f" And {total - count} more." if total > count else ""
        end = f"{rest} PASS and DONE take the code too. Reply WHO, or call {hotline} for the menu."
        whole = f"{total} pages. {' '.join(parts[:count])}{end}"
        if len(whole) <= TWO_SEGMENTS or count == 1:
            break
    return whole


def page_notice(
    ticket: Ticket, code: str, helping: bool, caller_waits: bool, now: datetime, hotline: str, link: str, reason: str
) -> tuple[str, str]:
    """Subject and body of a page by another channel: what the text says, and why it comes this way."""
    call = ticket.callback_number or ticket.caller_number or "number withheld"
    if helping:
        where = "A colleague in the conversation needs you."
    else:
        where = f"The caller is on the line ({call})." if caller_waits else f"Call back {call}."
    left = "" if ticket.due_at is None else f" {max(0, minutes_left(ticket.due_at, now))} minutes left."
    subject = f"{ticket.priority} ticket {ticket.number}, {ticket.customer.name}: you are paged"
    if helping:
        ways = f"To help: answer your phone and press 1.\n{link}\nPASS {code} gives it to the next person.\n"
    else:
        ways = (
            f"To accept: open the link, text ACK {code} to {hotline}, or call {hotline} and use the menu.\n{link}\n"
            f"PASS {code} gives it to the next person, DONE {code} and your words close it.\n"
        )
    body = (
        f"{ticket.priority} ticket {ticket.number}, {ticket.customer.name}. {where}{left}\n\n{ways}\n"
        f"You get this here because {reason}. The page goes on until somebody accepts.\n"
    )
    return subject, body


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def ticket_text(ticket: Ticket, company: str, calling: bool = True) -> str:
    """The text that tells a caller the ticket's number."""
    now = " We are calling the technician on call." if calling else ""
    return f"{gsm(company)}: your ticket is {ticket.number} ({ticket.priority}).{now}"


def afterwards_text(ticket: Ticket, person: Person, company: str) -> str:
    """The text after the conversation."""
    spoke = f"you spoke with {gsm(person.first_name)} about ticket {ticket.number}"
    return f"{gsm(company)}: {spoke}. Quote it if you call again."


def silent_goodbye_text(ticket: Ticket) -> str:
    """For the technician who hung up: nobody spoke on the caller's line after that."""
    about = f"ticket {ticket.number} {gsm(ticket.customer.name)[:LONGEST_NAME]}"
    return (
        f"Nightline, {about}: after you hung up the caller's line stayed open, and no key was pressed, so the call was"
        f" ended. The ticket stays with you.{_call_words(ticket)}"
    )


def gave_up_text(ticket: Ticket) -> str:
    """For the technician who was rung again, when the caller did not wait."""
    about = f"ticket {ticket.number} {gsm(ticket.customer.name)[:LONGEST_NAME]}"
    return (
        f"Nightline, {about}: your call had ended and the caller was still there, so we rang you again. The caller has"
        f" hung up now.{_call_words(ticket)}"
    )


def call_back_text(ticket: Ticket, number: str | None) -> str:
    """For the technician who has the ticket: the caller asked to be called back after the conversation."""
    about = f"{ticket.priority} ticket {ticket.number} {gsm(ticket.customer.name)[:LONGEST_NAME]}"
    call = ticket.callback_number or number or ticket.caller_number or "number withheld"
    return f"Nightline, {about}: the caller asks you to call back {call}. The menu of the hotline does it for you."


def _call_words(ticket: Ticket) -> str:
    number = ticket.callback_number or ticket.caller_number
    return f" If you were cut off, call {number}." if number else ""


def ticket_mail(ticket: Ticket, company: str, calling: bool = True) -> tuple[str, str]:
    """Subject and body of the mail that tells the contract's contacts of a new ticket."""
    subject = f"Ticket {ticket.number} opened ({ticket.priority}), {ticket.customer.name}"
    paged = ticket.priority in {"P1", "P2"}
    now = "is being called now and will take" if calling else "takes"
    what = f"The technician on call {now} it in charge." if paged else "It will be looked into on the next working day."
    body = (
        f"Ticket {ticket.number} was opened for {ticket.customer.name} through the after-hours hotline.\n"
        f"Priority: {ticket.priority}\n\n"
        f"{what}\n\n"
        f"{company}\n"
    )
    return subject, body


def handoff_text(roster: str, layer: str, at: datetime, zone: str, comes: bool, now: datetime) -> str:
    """The notice of a handoff that is to come."""
    if at <= now:
        return f"Nightline: you are {'on' if comes else 'off'} call from now on ({roster}, {layer})."
    return f"Nightline: you {'come on' if comes else 'go off'} call {spoken_when(at, now, zone)} ({roster}, {layer})."


def handoff_off_text(roster: str, layer: str, at: datetime, zone: str, comes: bool, now: datetime) -> str:
    """The correction, when the roster has changed after the notice."""
    words = "you do not come on call" if comes else "you do not go off call"
    return f"Nightline: the roster has changed, {words} {spoken_when(at, now, zone)} ({roster}, {layer})."


def handoff_silence_text(person: Person, roster: str, layer: str, at: datetime, zone: str, now: datetime) -> str:
    """For those in charge, when somebody does not confirm."""
    comes = f"comes on call {spoken_when(at, now, zone)} ({roster}, {layer}) and has not confirmed it"
    return f"Nightline: {person.name} {comes}. Call {person.phone}, or let somebody else cover."


_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})
_GSM = set(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\n"
)


def gsm(text: str) -> str:
    """`text` in letters of the GSM-7 alphabet: one letter outside it would more than halve a text's length."""
    result = []
    for character in text.translate(_PLAIN):
        if character in _GSM:
            result.append(character)
            continue
        base = unicodedata.normalize("NFKD", character)
        result.append("".join(c for c in base if c in _GSM) or "?")
    return "".join(result)

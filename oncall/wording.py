"""Sentences on tickets and in texts and mails. What is spoken stands in `ivr.prompts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.text.letters import gsm, is_gsm, room_in_first, segments, shortened, units
from oncall.customers.call_back import WayBack
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.sla.promises import Priority, minutes_left
from schedules.wall_clock import spoken_when

# Two joined segments of GSM-7 characters (306), and as much of the other alphabet as says the same.
_MOST_SEGMENTS = 2
_MOST_SEGMENTS_UCS2 = 4
# The same in letters: of two joined segments of GSM-7, and of four of the other alphabet in its units.
_LONGEST_SAID = 306
_LONGEST_SAID_UCS2 = 268
# Of a customer's name where there is little room, and of a company's in a text: letters.
LONGEST_NAME = 20
LONGEST_COMPANY = 40
# A name that would be cut to less says nothing: then the code goes first, and the rest follows.
_SHORTEST_CUT = 12
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(position: int) -> str:
    """1 -> "first"; past the tenth the figure is used."""
    return ORDINALS[position - 1] if position <= len(ORDINALS) else f"{position}th"


def short_name(name: str, most: int = LONGEST_NAME) -> str:
    """A name in a text, in letters that fit the text's alphabet, `most` units long at most."""
    letters = gsm(name)
    return shortened(letters, most, as_gsm=is_gsm(letters))


def page_text(
    ticket: Ticket, code: str, helping: bool, caller_waits: bool, now: datetime, hotline: str, link: str, way: WayBack
) -> str:
    """The text that goes out with a page. The code stands in its first segment, whatever the customer is called.

    GSM-7 characters and two segments for usual names. `way`: how the customer can be called back.
    """
    if helping:
        where = "a colleague in the conversation needs you"
    else:
        caller = f"caller {way.name} (SIP)" if way.name is not None else "caller"
        where = gsm(f"{caller} is on the line" if caller_waits else way.written)
    left = "" if ticket.due_at is None else f" {max(0, minutes_left(ticket.due_at, now))} min left."
    head, name = f"{ticket.priority} ticket {ticket.number} ", gsm(ticket.customer.name)
    menu = f"Menu: call {hotline}. {link}"
    if helping:  # only a call brings somebody into the conversation
        usual = (f": {where}.{left} Answer your phone and press 1, or reply PASS {code}.", f" {menu}")
        early = (f": PASS {code}, or answer your phone and press 1:", f" {where}.{left} {menu}")
    else:
        usual = (f": {where}.{left} Reply ACK {code}", f", PASS {code} or DONE {code} what you did. {menu}")
        then = f"{where[:1].upper()}{where[1:]}.{left} Or PASS {code}, DONE {code} what you did."
        early = (f": ACK {code}.", f" {then} {menu}")
    return _fitted(head, name, *usual) or _fitted(head, name, *early, anyway=True)


def _fitted(head: str, name: str, to_code: str, rest: str, *, anyway: bool = False) -> str:
    """All of it, with the name cut so that `to_code` ends in the first segment; empty when too little is left of it."""
    whole = f"{head}{name}{to_code}{rest}"
    as_gsm = is_gsm(whole)
    left = room_in_first(whole) - units(head + to_code, as_gsm=as_gsm)
    if left < units(name, as_gsm=as_gsm):
        if left < _SHORTEST_CUT and not anyway:
            return ""
        name = shortened(name, left, as_gsm=as_gsm)
    return f"{head}{name}{to_code}{rest}"


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
        about = f"{self.priority} {self.ticket} {short_name(self.customer)}"
        if self.helping and not is_gsm(about):  # there the first segment is short
            return f"{about}: PASS {self.code}, or answer your phone to help a colleague."
        if self.helping:  # only a call brings somebody into the conversation
            return f"{about}: help a colleague, answer your phone. PASS {self.code}."
        return f"{about}{' ON THE LINE' if self.waits else ''}: ACK {self.code}."


def pages_text(lines: Sequence[PageLine], total: int, hotline: str) -> str:
    """The text about `total` pages: the first of `lines` that fit into two segments (GSM-7), each with its code."""
    parts = [line.words for line in lines]
    for count in range(len(parts), 0, -1):
        rest = f" And {total - count} more." if total > count else ""
        end = f"{rest} PASS and DONE take the code too. Reply WHO, or call {hotline} for the menu."
        whole = f"{total} pages. {' '.join(parts[:count])}{end}"
        most = _MOST_SEGMENTS if is_gsm(whole) else _MOST_SEGMENTS_UCS2
        if segments(whole) <= most or count == 1:
            break
    return whole


def page_notice(
    ticket: Ticket,
    code: str,
    helping: bool,
    caller_waits: bool,
    now: datetime,
    hotline: str,
    link: str,
    reason: str,
    way: WayBack,
) -> tuple[str, str]:
    """Subject and body of a page by another channel: what the text says, and why it comes this way."""
    call = way.written
    if helping:
        where = "A colleague in the conversation needs you."
    else:
        where = (
            f"The caller is on the line ({way.number or call})." if caller_waits else f"{call[:1].upper()}{call[1:]}."
        )
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
    return f"{short_name(company, LONGEST_COMPANY)}: your ticket is {ticket.number} ({ticket.priority}).{now}"


def transcript_text(ticket: Ticket, words: str) -> str:
    """What the caller has said, for the technician: two segments at most, cut at their end."""
    head = f"Ticket {ticket.number}, the caller said: "
    said = gsm(words)
    if is_gsm(said):
        return head + shortened(said, _LONGEST_SAID - len(head), as_gsm=True)
    return head + shortened(said, _LONGEST_SAID_UCS2 - len(head), as_gsm=False)


def afterwards_text(ticket: Ticket, person: Person, company: str) -> str:
    """The text after the conversation."""
    us, name = short_name(company, LONGEST_COMPANY), short_name(person.first_name)
    if not is_gsm(us + name):  # there the first segment is short
        return f"{us}: ticket {ticket.number}, you spoke with {name}. Quote it if you call again."
    return f"{us}: you spoke with {name} about ticket {ticket.number}. Quote it if you call again."


def silent_goodbye_text(ticket: Ticket, way: WayBack, *, wrong_keys: bool = False) -> str:
    """For the technician who hung up: nobody chose anything on the caller's line after that.

    `wrong_keys`: keys were pressed, but none that means anything there.
    """
    pressed = "only keys that are not in use there were pressed" if wrong_keys else "no key was pressed"
    about = f"ticket {ticket.number} {gsm(ticket.customer.name)[:LONGEST_NAME]}"
    return (
        f"Nightline, {about}: after you hung up the caller's line stayed open, and {pressed}, so the call was ended."
        f" The ticket stays with you.{_call_words(way)}"
    )


def gave_up_text(ticket: Ticket, way: WayBack) -> str:
    """For the technician who was rung again, when the caller did not wait."""
    about = f"ticket {ticket.number} {gsm(ticket.customer.name)[:LONGEST_NAME]}"
    return (
        f"Nightline, {about}: your call had ended and the caller was still there, so we rang you again. The caller has"
        f" hung up now.{_call_words(way)}"
    )


def call_back_text(ticket: Ticket, way: WayBack) -> str:
    """For the technician who has the ticket: the caller asked to be called back after the conversation."""
    about = f"{ticket.priority} ticket {ticket.number} {gsm(ticket.customer.name)[:LONGEST_NAME]}"
    if way.number is not None:
        return f"Nightline, {about}: the caller asks you to call back {way.number}. {_BY_MENU}"
    asked = f"Nightline, {about}: the caller asks to be called back. {_sentence(way)}"
    return f"{asked} {_BY_MENU}" if way.numbers else asked


_BY_MENU = "The menu of the hotline does it for you."


def _call_words(way: WayBack) -> str:
    """Only a number that may be called is named as one to call."""
    return f" If you were cut off, call {way.number}." if way.number is not None else f" {_sentence(way)}"


def _sentence(way: WayBack) -> str:
    written = gsm(way.written)
    return f"{written[:1].upper()}{written[1:]}."


def ticket_mail(ticket: Ticket, company: str, calling: bool = True) -> tuple[str, str]:
    """Subject and body of the mail that tells the contract's contacts of a new ticket."""
    subject = f"Ticket {ticket.number} opened ({ticket.priority}), {ticket.customer.name}"
    paged = ticket.priority in {Priority.P1, Priority.P2}
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

"""What technicians ask for by text: ACK, PASS, DONE, OK, WHO, HELP. Every answer says what happened."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from oncall.customers.call_back import way_back
from oncall.drills.checking import answer_text
from oncall.models.drills import DrillTextResult
from oncall.models.messages import IncomingOutcome
from oncall.models.pages import Page, Via
from oncall.models.people import Person
from oncall.models.tickets import InterventionChannel, Ticket, TicketState
from oncall.paging.acknowledge_elsewhere import Answer, pass_on, take
from oncall.planning.handoffs import confirm
from oncall.rosters import on_call as rosters_on_call
from oncall.runtime import Runtime, Work
from oncall.texting import words
from oncall.texting.guard import lock_all, room_for
from oncall.texting.limits import limits_from
from oncall.texting.meaning import Meaning, Standing, meaning_of
from oncall.texting.reading import LONGEST_CODE, SHORTEST_CODE, Reading
from oncall.texting.vocabulary import VERBS, Command
from oncall.tickets.closing import close
from oncall.tickets.notes import write_note
from schedules.wall_clock import spoken_when

_NOT_ARRIVED = "The network says that your test text did not arrive, so your manager has been told."


@dataclass(frozen=True)
class Sender:
    """Who sent a text, and what is needed to act on it."""

    session: Session
    runtime: Runtime
    person: Person
    now: datetime

    @property
    def work(self) -> Work:
        """What use cases are given of it."""
        return Work(self.session, self.runtime, self.now)


@dataclass(frozen=True)
class Reply:
    """What is answered, and how the text counts."""

    words: str
    outcome: IncomingOutcome


def carry_out(sender: Sender, reading: Reading, sid: str) -> Reply:
    """Do what the text says, if that is sure and its code is right for who sent it."""
    reading = reading.with_code_of(_code_length(sender))
    command, code = reading.command, reading.code
    if not code:
        return _without_code(sender, reading)
    if not SHORTEST_CODE <= len(code) <= LONGEST_CODE:
        return Reply(words.needs_code(command or Command.ACK, _code_length(sender)), IncomingOutcome.WRONG)
    meaning = meaning_of(sender.session, sender.person, code, sender.now)
    if meaning.standing is Standing.OPEN and not _may_be_looked_at(sender):
        meaning = Meaning(Standing.WRONG)
    if meaning.standing is Standing.WRONG:
        return Reply(words.wrong_code(code), IncomingOutcome.WRONG)
    if meaning.standing is Standing.NOTICE:
        return _notice(sender, reading)
    if meaning.page is None:
        raise ValueError(f"{meaning.standing} without a page")
    return _page(sender, meaning.page, meaning.standing, reading, sid)


def _may_be_looked_at(sender: Sender) -> bool:
    """Whether a code of somebody else's page may be right: it counts for all numbers together, so these are locked."""
    lock_all(sender.session)
    limits = limits_from(sender.runtime.settings)
    return room_for(sender.session, sender.person.phone, sender.now, limits).all


def _without_code(sender: Sender, reading: Reading) -> Reply:
    command = reading.command
    if reading.several:
        example = f"{command or Command.ACK} {_example_code(sender)}"
        return Reply(words.ONE_AT_A_TIME.format(example=example), IncomingOutcome.TOLD)
    if command is Command.WHO:
        return Reply(_who(sender), IncomingOutcome.TOLD)
    if command is Command.HELP:
        return Reply(words.HELP, IncomingOutcome.TOLD)
    if command is Command.OK and reading.sure:
        # Notices that an earlier release sent have no code.
        return _confirm(sender, None) or Reply(words.needs_code(command, _code_length(sender)), IncomingOutcome.TOLD)
    if command is None or command is Command.OK:
        return Reply(words.NOT_UNDERSTOOD, IncomingOutcome.TOLD)
    return Reply(words.needs_code(command, _code_length(sender)), IncomingOutcome.TOLD)


def _page(sender: Sender, page: Page, standing: Standing, reading: Reading, sid: str) -> Reply:
    if standing is Standing.OLD:
        return Reply(
            words.old_code(reading.code, page.ticket.number, page.ticket.state == TicketState.CLOSED),
            IncomingOutcome.TOLD,
        )
    problem = _unclear(page, reading)
    if problem is None and reading.command is Command.ACK:
        return Reply(_acknowledge(sender, page), IncomingOutcome.DONE)
    if standing is Standing.OPEN:
        # Who was not paged for it has shown a code and asked for what they may not do: as good as a wrong one.
        return Reply(problem or _not_theirs(reading, page), IncomingOutcome.WRONG)
    if problem is not None:
        return Reply(problem, IncomingOutcome.TOLD)
    answer = _pass(sender, page) if reading.command is Command.PASS else _done(sender, page, reading.note, sid)
    return Reply(answer, IncomingOutcome.DONE)


def _unclear(page: Page, reading: Reading) -> str | None:
    """Why nothing is done for a code that is right; None when it is clear what is asked for."""
    if reading.several:
        return words.ONE_AT_A_TIME.format(example=f"{reading.command or Command.ACK} {reading.code}")
    if reading.command is Command.OK:
        return words.not_a_notice(reading.code, page.ticket.number)
    return None if reading.sure and reading.command in VERBS.values() else words.not_sure(reading)


def _not_theirs(reading: Reading, page: Page) -> str:
    if reading.command is Command.PASS:
        return _NOT_WITH_YOU.format(page.ticket.number)
    return words.not_yours_to_close(page.ticket.number, page.code)


def _notice(sender: Sender, reading: Reading) -> Reply:
    if reading.command is not Command.OK or not reading.sure:
        return Reply(words.not_a_page(reading.code), IncomingOutcome.TOLD)
    return _confirm(sender, reading.code) or Reply(words.wrong_code(reading.code), IncomingOutcome.WRONG)


def _code_length(sender: Sender) -> int:
    return sender.runtime.settings.code_length


def _example_code(sender: Sender) -> str:
    return "1234567890"[: _code_length(sender)]


def _who(sender: Sender) -> str:
    rosters = rosters_on_call.on_call(sender.session, sender.now)
    lines = []
    for roster in rosters:
        layers = [f"{layer.layer}: {', '.join(p.name for p in layer.people) or 'nobody'}" for layer in roster.layers]
        name = f"{roster.roster} - " if len(rosters) > 1 else ""
        lines.append(name + ("; ".join(layers) if not roster.fault else "this roster can't be worked out"))
    return f"On call now: {' / '.join(lines)}." if lines else "There is no roster."


def _confirm(sender: Sender, code: str | None) -> Reply | None:
    """OK and a code answer the notice of a handoff, or the text of a drill; None when there is neither."""
    notice = confirm(sender.session, sender.person, code, sender.now)
    drill = answer_text(sender.session, sender.person, code, sender.now)
    if notice is None and drill is None:
        return None
    said = ["Thank you."]
    if drill is not None:
        said.append("Your test text is confirmed." if drill.text_result != DrillTextResult.FAILED else _NOT_ARRIVED)
    # Of a shift long begun only if nothing else was meant.
    if notice is not None and (drill is None or notice.confirmed_at == sender.now or notice.at > sender.now):
        when = spoken_when(notice.at, sender.now, notice.roster.time_zone)
        said.append(f"You are on call from {when} ({notice.roster.name}, {notice.layer}).")
    if drill is not None and drill.call_result is None:
        said.append("For the test call, press 1 on your phone.")
    return Reply(" ".join(said), IncomingOutcome.DONE)


def _acknowledge(sender: Sender, page: Page) -> str:
    ticket = page.ticket
    taking = take(sender.work, page, sender.person, Via.TEXT)
    match taking.answer:
        case Answer.TALKING:
            about = f"You are in a conversation, and ticket {ticket.number}'s caller is waiting"
            return f"{about}: the next person is called."
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
    return f"Ticket {ticket.number} is yours. {_how_to_call(sender, ticket)}"


def _how_to_call(sender: Sender, ticket: Ticket) -> str:
    way = way_back(sender.session, sender.runtime.settings, ticket)
    if not way.numbers:
        return f"There is no number to call back: {way.why}, none registered."
    where = way.number or f"{way.why}; registered {way.registered[0]}"
    return f"Call this number, and the menu calls the customer back ({where})."


_NOT_WITH_YOU = "Ticket {} is not with you at this moment: nothing to pass on."


def _pass(sender: Sender, page: Page) -> str:
    if not pass_on(sender.session, page, sender.person, sender.now):
        return _NOT_WITH_YOU.format(page.ticket.number)
    return f"Passed on: ticket {page.ticket.number} goes to the next person."


def _done(sender: Sender, page: Page, note: str, sid: str) -> str:
    if not note:
        return f"Please say what was done: DONE {page.code} and your words."
    write_note(sender.session, page.ticket_id, sender.person, InterventionChannel.TEXT, note, f"text:{sid}", sender.now)
    close(sender.work, page.ticket, sender.person)
    return f"Ticket {page.ticket.number} is closed with your note. Thank you."

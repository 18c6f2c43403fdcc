"""Answers to texts, and the mail about numbers that get none. Short, as each is paid for by the segment."""

from collections.abc import Sequence

from oncall.texting.reading import Reading
from oncall.texting.vocabulary import Command

HELP = (
    "ACK code: take the ticket. PASS code: next person. DONE code what was done: close it. WHO: who is on call."
    " OK code: you know that you come on call, or a test has arrived."
    " For the menu call this number."
)
NOT_UNDERSTOOD = f"Not understood. {HELP}"
ONE_AT_A_TIME = "Nothing was done: send one text for each code, such as {example}."


def needs_code(command: Command, length: int) -> str:
    """A command without a code, or with something that is none."""
    digits = "1234567890"[:length]
    what = " and what was done" if command is Command.DONE else ""
    whose = "the notice" if command is Command.OK else "the page's text"
    return f"{command} needs the code from {whose}, such as {command} {digits}{what}."


def wrong_code(code: str) -> str:
    """The code is nobody's, or not this person's. It doesn't say which."""
    return f"There is no page with code {code} for you. Look at the newest text, or call this number for the menu."


def old_code(code: str, ticket: int, closed: bool) -> str:
    """The code was theirs. The new one is not told: it stands in the newest text, if they got one."""
    if closed:
        return f"Code {code} is old: ticket {ticket} is closed."
    return f"Code {code} is old: ticket {ticket} was paged again. Use the code in the newest text, or call this number."


def not_sure(reading: Reading) -> str:
    """What was understood, and the exact words to send, if that is what is meant. `reading` has a code of theirs."""
    command = reading.command or Command.ACK
    exact = f"{command} {reading.code}"
    if command is Command.DONE:  # a note that begins as if nothing were done is taken behind "closed:"
        exact += " closed: what was done" if reading.note else " and what was done"
    other = Command.PASS if command is Command.ACK else Command.ACK
    instead = f"{other} {reading.code} to {_DEEDS[other]}"
    understood = f"I read {command} {reading.code}" if reading.command else f"I read code {reading.code}"
    return f"{understood}, but was not sure: nothing was done. To {_DEEDS[command]} reply {exact}. Or {instead}."


_DEEDS = {
    Command.ACK: "take the ticket",
    Command.PASS: "pass it on",
    Command.DONE: "close it",
}


def not_a_page(code: str) -> str:
    """The code of a notice behind a command for pages."""
    return f"Code {code} belongs to a notice, not to a page: nothing was done. To confirm it reply OK {code}."


def not_a_notice(code: str, ticket: int) -> str:
    """The code of a page behind OK."""
    return f"Code {code} belongs to ticket {ticket}: nothing was done. To take the ticket reply ACK {code}."


def not_yours_to_close(ticket: int, code: str) -> str:
    """DONE for a page that somebody else was paged for."""
    return f"Only who was paged for ticket {ticket} or has it can close it. To take it reply ACK {code}."


def stranger(company: str, hotline: str, web: str) -> str:
    """For numbers that are nobody's of ours."""
    where = f"For support at night call {hotline}. Web: {web}."
    return f"{company}: this number is for calls, nobody reads texts to it. {where}"


def customer(company: str, hotline: str, ticket: int) -> str:
    """For a customer with an open ticket, which shows the text."""
    return f"{company}: your text stands on ticket {ticket}. It changes nothing there: to speak to us call {hotline}."


def other_service(company: str, hotline: str) -> str:
    """For WhatsApp and the like."""
    return f"{company}: only plain texts (SMS) of our technicians are carried out here. For support call {hotline}."


def on_ticket(sender: str, body: str) -> str:
    """A stranger's text as it stands on the ticket. `sender` is masked."""
    said = " ".join(body.split())
    cut = f"{said[:LONGEST_SHOWN]}…" if len(said) > LONGEST_SHOWN else said
    return f"Text from {sender}: “{cut}”" if cut else f"Text without words from {sender}."


LONGEST_SHOWN = 400
NO_MORE_SHOWN = "More texts came in from there. They are kept, and not shown."


def silence_mail(silent: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Subject and body for managers. `silent`: names and numbers of technicians who get no answers."""
    names = ", ".join(name for name, _ in silent) or "a technician"
    lines = "".join(f"- {name}, {phone}\n" for name, phone in silent)
    subject = f"Texts from {names} get no answer: too many wrong codes, or too many texts"
    body = (
        "So many texts with wrong codes, or that made no sense, came in from these numbers that they are not answered "
        f"any more:\n{lines}\n"
        "Somebody may be guessing codes: the sender of a text can be faked. Or a phone answers by itself. After too "
        "many wrong codes nothing that comes from the number by text is carried out, for up to an hour.\n\n"
        "Everybody can still accept: press 1 when the phone rings, use the page of the ticket, or call the hotline for "
        "the menu. Ask those named whether the texts were theirs, and tell them so.\n\n"
        "Such a mail comes once an hour at most. `flask check` and /metrics count what is refused.\n"
    )
    return subject, body

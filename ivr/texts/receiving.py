"""Texts that come in: those of technicians are carried out within the limits on guessing, others are kept.

What a text says is read in `oncall.texting.reading`; what came of it stands in its row, with the answer.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core import log
from core.text.letters import gsm
from ivr.texts.commands import Reply, Sender, carry_out
from oncall.models.messages import IncomingOutcome, IncomingText
from oncall.models.people import by_phone
from oncall.runtime import Runtime, Work
from oncall.texting.guard import lock_all, lock_sender, room_for
from oncall.texting.letters import kept
from oncall.texting.limits import limits_from
from oncall.texting.reading import read
from oncall.texting.silence import note_silence
from oncall.texting.strangers import TextSender, keep, sender_of

# Twilio acts on these by itself: no command, and no answer. They change nothing here, as anybody can send them under
# anybody's number. What they have done is seen when something is sent: it is refused, or it arrives.
OPT_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"})
OPT_IN = frozenset({"START", "YES", "UNSTOP"})

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class _Text:
    """A text as it came in. `body` is cut to what a phone can send, and harmless to keep."""

    sid: str
    sender: TextSender
    body: str

    @property
    def word(self) -> str:
        return self.body.strip().strip(".!?").upper()


def reply(runtime: Runtime, form: dict[str, str]) -> str:
    """The answer to a text; empty for none. The same text is carried out, counted and answered once.

    Raises BusyError when it could not be looked at, as too many came at once: nothing was done or kept.
    """
    sid = form.get("MessageSid") or form.get("SmsSid") or f"none:{secrets.token_hex(16)}"
    text = _Text(sid, sender_of(form.get("From", "")), kept(form.get("Body", "")))
    with runtime.database.transaction() as session:
        lock_sender(session, text.sender.name)
        seen = session.get(IncomingText, sid)
        if seen is None:
            seen = _take_in(session, runtime, text)
            session.add(seen)
        return seen.answer


def _take_in(session: Session, runtime: Runtime, text: _Text) -> IncomingText:
    now, person = runtime.clock.now(), by_phone(session, text.sender.person_number)
    is_opt = text.word in OPT_OUT | OPT_IN
    if person is None:
        return keep(Work(session, runtime, now), text.sender, text.body, text.sid, silent=is_opt)
    if is_opt:
        logger.info("word for the network itself, which acts on it", word=text.word, person=person.id)
        answer = Reply("", IncomingOutcome.KEPT)
    else:
        answer = _within_limits(Sender(session, runtime, person, now), text)
    return IncomingText(
        provider_sid=text.sid,
        number=text.sender.name,
        body=text.body,
        answer=gsm(answer.words),
        at=now,
        outcome=answer.outcome,
    )


def _within_limits(sender: Sender, text: _Text) -> Reply:
    """Carry the text out, unless its number has guessed too often; the answer, unless it has had too many."""
    number, limits = text.sender.name, limits_from(sender.runtime.settings)
    room = room_for(sender.session, number, sender.now, limits)
    if not room.number:
        return _silence(sender, number, IncomingOutcome.SILENT, "too many wrong codes from this number")
    answer = carry_out(sender, read(text.body), text.sid)
    if answer.outcome is IncomingOutcome.TOLD and not room.answers:
        return _silence(sender, number, IncomingOutcome.SILENT, "too many texts")
    if answer.outcome is not IncomingOutcome.WRONG:
        return answer
    if room.all:
        lock_all(sender.session)
        room = room_for(sender.session, number, sender.now, limits)
    if not room.all:
        return _silence(sender, number, IncomingOutcome.OWN, "too many wrong codes from all numbers")
    logger.warning("a wrong code came by text", number=number)
    return answer


def _silence(sender: Sender, number: str, outcome: IncomingOutcome, reason: str) -> Reply:
    note_silence(sender.work, number, reason)
    return Reply("", outcome)

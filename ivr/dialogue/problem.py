"""Level and priority: from the right to the service to the ticket."""

from ivr.dialogue.refusing import ask_again, once_more, turn_away
from ivr.dialogue.talk import Talk
from ivr.prompts import problem, refusals
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.models.refusals import Reason
from oncall.models.work.recordings import RecordingKind
from oncall.sla.promises import Priority


def level(talk: Talk) -> VoiceResponse:
    """First-level requests go elsewhere: second-level support only."""
    if talk.digits == "1":
        talk.useful_answer()
        talk.is_administrator()
        return talk.ask("priority", problem.PRIORITY)
    if talk.digits == "2":
        return turn_away(talk, Reason.END_USER)
    return ask_again(talk, "level", problem.LEVEL)


def priority(talk: Talk) -> VoiceResponse:
    """How bad it is. P1 and P2 go on to a ticket and to somebody who is rung; the rest doesn't wake anybody."""
    if talk.digits in {"1", "2"}:
        talk.useful_answer()
        return talk.report(Priority.P1 if talk.digits == "1" else Priority.P2)
    if talk.digits == "3":
        return turn_away(talk, Reason.NO_MAINTENANCE_WINDOW)
    if talk.digits == "4":
        return _take_message(talk)
    return ask_again(talk, "priority", problem.PRIORITY)


def known(talk: Talk) -> VoiceResponse:
    """A known problem, or a second one: one ticket is one problem.

    Who gives no usable answer has still proved a right to be helped with a grave problem: it is taken as a new one.
    """
    question = talk.known_problem()
    if question is not None and talk.digits not in {"1", "2"} and not talk.useless_answer().is_enough:
        return talk.ask("known", once_more(talk, question))
    talk.useful_answer()
    return talk.report_known() if question is not None and talk.digits == "1" else talk.report_new()


def _take_message(talk: Talk) -> VoiceResponse:
    """Refused for the night, but a message may be left."""
    talk.refuse(Reason.LOW_PRIORITY)
    return talk.record(talk.message_step, RecordingKind.MESSAGE, problem.MESSAGE)


def message(talk: Talk) -> VoiceResponse:
    """A message becomes a P3 ticket for the next working day; silence becomes nothing."""
    said = talk.recording
    if said is None:
        return goodbye(refusals.refusal(Reason.LOW_PRIORITY, talk.settings.support_web_address))
    return talk.keep_message(said)

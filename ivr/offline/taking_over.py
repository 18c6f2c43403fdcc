"""A call that was in the middle when the database went: it goes on from that very step."""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from ivr.conference import BACK
from ivr.dialogue import callback, entrance, hung_up, office, problem
from ivr.dialogue.questions import QUESTIONS
from ivr.offline import prompts
from ivr.offline.answering import ORDINARY, AwayDesk, Run, other_side
from ivr.offline.away import AwayTalk
from ivr.offline.carried import Carried, opened
from ivr.offline.message import recorded
from ivr.offline.ringing import ring_next
from ivr.prompts import conversation
from ivr.registry import TECHNICIANS
from ivr.technician.prompts import GOODBYE
from ivr.twilio import addresses
from ivr.twilio.belonging import StrangerError
from ivr.twilio.twiml import Dial, VoiceResponse, empty, goodbye, spoken
from oncall.calls import goodbye as call_goodbye
from oncall.delivery.telephony import FINAL

# Where a caller may be whom a technician has left: at the call-back question, or joined again.
_WITH_TECHNICIAN = frozenset({"callback", "left", "room"})
# Facts of one call are told apart by turns: so many without the database fit between two with it.
_TURNS = 1000


def take_over(desk: AwayDesk, call_id: int, name: str, form: dict[str, str], args: Mapping[str, str]) -> str:
    """The answer to an ordinary step whose call can't be looked up now. Raises StrangerError for another call's."""
    settings = desk.runtime.settings
    turn = int(args.get("turn", "0")) if args.get("turn", "").isdecimal() else 0
    known, sid = opened(settings, args.get("s", "")), form.get("CallSid", "")
    if known is not None and (known.call != call_id or known.sid not in {"", sid}):
        raise StrangerError(f"call {call_id} is another one")
    carried = replace(known or Carried(), sid=sid, call=call_id, turn=turn * _TURNS)
    question = f"{ORDINARY}{call_id} {name} {args.get('turn', '')} {args.get('back', '')} {desk.outage()}"
    go_on = _technician if carried.staff is not None or name in TECHNICIANS else _caller
    return desk.answer(carried, lambda step: go_on(step, name), form, dict(args), other_side(form), question)


def _technician(step: AwayTalk, name: str) -> VoiceResponse:
    """Keys can't be noted; whoever was in a room is led back into it."""
    if step.form.get("CallStatus") in FINAL:
        return empty()
    person = step.snapshot.by_phone(step.caller)
    if name in {"menu", "item"} and person is not None:
        known = step.carried.staff == person.id  # as the menu says only once their own PIN was right
        return step.greet_staff() if known else entrance.ask_pin(step, prompts.STAFF_GREETING)
    if person is None and step.carried.staff is None:  # a customer who picks up a call of ours
        return goodbye(prompts.called_later(step.settings.company_name))
    if step.carried.room is None or name not in {"left", "aside"}:
        return goodbye(GOODBYE if name == "closed" else prompts.TO_TECHNICIAN)
    response = spoken(prompts.BACK_TO_ROOM)
    # The question that is open as far as the database knows: once it is back, the next star is an ordinary one.
    turn, label = step.carried.turn // _TURNS, f"{BACK}{secrets.token_hex(8)}"
    # The label, as the next star asks the same question again, and is to have an answer of its own.
    url = addresses.step_url(step.settings, step.carried.call or 0, "left", turn, s=step.args.get("s", ""), back=label)
    dial = Dial(action=url, method="POST", hangup_on_star=True)
    dial.conference(
        f"nightline-room-{step.carried.room}",
        beep="false",
        end_conference_on_exit=False,
        participant_label=label,
    )
    response.append(dial)
    return response


def _caller(step: AwayTalk, name: str) -> VoiceResponse:
    if step.form.get("CallStatus") in FINAL:
        return _gone(step, name)
    step.note("offline", step=name)
    if name == "finished":
        return goodbye(conversation.TICKET_CLOSED)
    if step.carried.ticket is not None:
        return _with_ticket(step, name)
    if step.carried.contract is None:
        return _before_the_pin(step, name)
    return _ASKED.get(name, _begin_again)(step)


def _gone(step: AwayTalk, name: str) -> VoiceResponse:
    """The caller has hung up; what was said until then is kept."""
    _keep_said(step, name)
    step.note("over", status=step.form["CallStatus"])
    return empty()


def _before_the_pin(step: AwayTalk, name: str) -> VoiceResponse:
    """Who has just typed a PIN need not type it again."""
    if name == "pin" and (step.digits or step.carried.part):
        return entrance.pin(step)
    if name == "office_first":
        return office.office_first(step)
    return _begin_again(step)


def _begin_again(step: AwayTalk) -> VoiceResponse:
    return entrance.ask_pin(step, prompts.PIN_AFTER_FAULT)


# Questions to a caller with a right PIN, who has no ticket yet.
_ASKED: dict[str, Run] = {name: QUESTIONS[name] for name in ("office_done", "level", "priority", "known")}
_ASKED["message"] = problem.message


def _with_ticket(step: AwayTalk, name: str) -> VoiceResponse:
    """Whoever has a ticket has waited for a technician, and is put through to one now."""
    if name == "callback" and (step.carried.read_back or step.carried.part or step.digits):
        return callback.callback(step)
    if step.carried.left_by is not None and (name in _WITH_TECHNICIAN or name in call_goodbye.STEPS):
        return _left(step, name)
    _keep_said(step, name)
    return ring_next(step, prompts.STILL_FAULT)


def _left(step: AwayTalk, name: str) -> VoiceResponse:
    """The technician has hung up. How often they were rung again is not known here: once, where it may have been."""
    if name == "next_key":
        return hung_up.next_key(step)
    if name == "callback":
        return hung_up.ask_next(step, prompts.STILL_FAULT)
    if name == "hung_up_key":
        return hung_up.hung_up_key(step)
    if name in {"rejoining", "unreached"}:
        step.know(again=1)
    return hung_up.ask_if_done(step)


def _keep_said(step: AwayTalk, name: str) -> None:
    if name in {"described", "message"}:
        recorded(step)

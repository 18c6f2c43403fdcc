"""Ringing the people on call one after the other, each asked for a key before being joined; then a message."""

from ivr import addresses
from ivr import prompts as usual
from ivr.away import prompts
from ivr.away.step import Step
from ivr.technician import prompts as technicians
from ivr.twiml import Dial, VoiceResponse, empty, goodbye, spoken
from oncall.away.snapshot import KeptPerson
from oncall.paging.escalation import is_everybody_round, next_step
from oncall.search import Search

# Of a Dial that did not lead to a conversation (Twilio: DialCallStatus), as outcomes of an attempt.
_OUTCOMES = {
    "busy": "busy",
    "no-answer": "no answer",
    "canceled": "no answer",
    "failed": "failed",
    "completed": "no key",
}


# How often music is played while everybody is busy, each time some 25 s: six minutes.
MOST_PAUSES = 15


def ring_next(step: Step, before: str = "") -> VoiceResponse:
    """Ring whoever is next by the rule of pages; after the last round a message is taken."""
    contract = step.contract
    region = contract.facts.region if contract is not None else step.settings.default_region
    people = {person.id: person for person, _ in step.snapshot.order(region, step.now)}
    carried, times = step.carried, step.snapshot.times
    tried = {(carried.round, person) for person in carried.tried}
    found = next_step(list(people), tried, carried.round, times, carried.first)
    all_busy = bool(carried.tried) and carried.busy == len(carried.tried)
    if people and found.round > carried.round and all_busy and carried.pauses < MOST_PAUSES:
        return _pause(step)
    if not people or not found.people or is_everybody_round(found.round, times):
        return _nobody(step, before, any_people=bool(people))
    person = people.get(found.people[0]) or step.snapshot.person(found.people[0])
    if person is None:
        return _nobody(step, before, any_people=True)
    so_far, busy = (carried.tried, carried.busy) if found.round == carried.round else ((), 0)
    step.know(
        round=found.round, tried=(*so_far, person.id), busy=busy, rung=carried.rung + 1, person=person.id, readings=0
    )
    step.know(child="")
    return _dial(step, person, before)


def _dial(step: Step, person: KeptPerson, before: str) -> VoiceResponse:
    step.note("ringing", person=person.id)
    first = person.first_name if step.carried.first == person.id and step.carried.round == 1 else None
    search = Search(tried=step.carried.rung, round=step.carried.round)
    words = prompts.calling_again(first) if first else usual.waiting(search)
    response = spoken(" ".join(filter(None, (before, words))))
    dial = Dial(
        action=step.url("dialed"),
        method="POST",
        timeout=step.snapshot.times.no_answer,
        caller_id=step.settings.our_number,
    )
    dial.number(person.phone, url=step.url("screen"), method="POST")
    response.append(dial)
    return response


def _pause(step: Step) -> VoiceResponse:
    """Everybody talks with somebody else: going through the list at once again would end the search in seconds."""
    step.note("all_busy")
    step.know(pauses=step.carried.pauses + 1, tried=(), busy=0, first=None)
    response = spoken(prompts.ALL_BUSY)
    response.play(addresses.music_url(step.settings))
    response.redirect(step.url("held"), method="POST")
    return response


def held(step: Step) -> VoiceResponse:
    """On with the search: by the ordinary way, if that is back, else with the next person."""
    return hand_back(step) if _can_go_back(step) else ring_next(step)


def _nobody(step: Step, before: str, any_people: bool) -> VoiceResponse:
    step.know(person=None)
    step.note("nobody")
    words = prompts.NOBODY if any_people else prompts.NOBODY_ON_CALL
    return step.record("message", f"{before} {words}".strip())


def screen(step: Step) -> VoiceResponse:
    """On the called side: who calls, and that a key is needed. Whatever does not press one is never joined."""
    contract, carried = step.contract, step.carried
    customer = contract.customer if contract is not None else "a customer"
    words = prompts.screening(carried.priority, customer, carried.number, step.settings.company_name)
    step.know(readings=carried.readings + 1, child=step.form.get("CallSid", ""))
    return step.ask("key", words)


def key(step: Step) -> VoiceResponse:
    """The technician's key: an empty answer joins them (Twilio: Number url)."""
    if step.digits == "1":
        step.note("accepted", person=step.carried.person)
        return spoken(prompts.CONNECTING)
    if step.digits == "2":
        step.note("passed", person=step.carried.person)
        return goodbye(technicians.PASSED)
    if step.carried.readings < step.snapshot.times.readings or step.digits == "9":
        return screen(step)
    return goodbye(technicians.NO_KEY)


def dialed(step: Step) -> VoiceResponse:
    """After a person was rung. Only a bridge proves a conversation."""
    bridged = step.form.get("DialBridged", "").lower() == "true"
    status = step.form.get("DialCallStatus", "")
    outcome = "talked" if bridged else _OUTCOMES.get(status, "failed")
    step.note("dialed", person=step.carried.person, outcome=outcome)
    step.know(busy=step.carried.busy + (outcome == "busy"))
    if step.is_over:
        step.note("over", status=step.form.get("CallStatus", "completed"))
        return empty()
    if bridged:
        return step.ask("dropped", prompts.TALKED, timeout=10)
    return held(step)


def dropped(step: Step) -> VoiceResponse:
    """After a conversation: who was cut off is connected again, with the same technician first."""
    if step.digits != "1":
        return goodbye(usual.OFFICE_THANKS)
    step.note("dropped", person=step.carried.person)
    step.know(first=step.carried.person, round=1, tried=(), rung=0)
    return ring_next(step)


def _can_go_back(step: Step) -> bool:
    """Whether the ordinary way knows this call and its ticket, and is there again."""
    return step.back and step.carried.call is not None and step.carried.ticket is not None


def hand_back(step: Step) -> VoiceResponse:
    """The database is back and knows this call: its page has gone on, so the caller waits there again."""
    step.note("handed_back")
    response = spoken(prompts.HANDED_BACK)
    # No turn of the call has this number: it is answered with what the call should have gone on with.
    response.redirect(addresses.step_url(step.settings, step.carried.call or 0, "wait", -1), method="POST")
    return response


def message(step: Step) -> VoiceResponse:
    """What a caller said whom nobody could be found for."""
    if step.recording is None:
        return goodbye(prompts.NO_MESSAGE)
    return leave_message(step, prompts.MESSAGE_KEPT)


def leave_message(step: Step, words: str) -> VoiceResponse:
    """Keep the recording; with it the call ends."""
    recorded(step)
    return empty() if step.is_over else goodbye(words)


def recorded(step: Step) -> VoiceResponse:
    """A recording is ready; told twice, it is the same fact."""
    said = step.recording
    if said is not None and said.seconds != 0 and step.form.get("RecordingStatus", "completed") == "completed":
        step.note("recording", sid=said.sid, url=said.url, seconds=said.seconds)
    return empty()

"""Ringing the people on call one after the other, each asked for a key before being joined; then a message."""

from ivr import prompts as usual
from ivr.offline import hung_up, prompts
from ivr.offline.step import Step
from ivr.technician import prompts as technicians
from ivr.twilio import addresses
from ivr.twilio.twiml import Dial, VoiceResponse, empty, goodbye, spoken
from oncall.models.calls import CallResult
from oncall.models.pages import AttemptOutcome
from oncall.outage.snapshot import KeptPerson
from oncall.paging.escalation import behind, is_everybody_round, next_step
from oncall.paging.progress import Search

# Of a Dial that did not lead to a conversation (Twilio: DialCallStatus), as outcomes of an attempt.
_OUTCOMES: dict[str, AttemptOutcome] = {
    CallResult.BUSY: AttemptOutcome.BUSY,
    CallResult.NO_ANSWER: AttemptOutcome.NO_ANSWER,
    CallResult.CANCELED: AttemptOutcome.NO_ANSWER,
    CallResult.FAILED: AttemptOutcome.FAILED,
    CallResult.COMPLETED: AttemptOutcome.NO_KEY,
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
    first = carried.first if carried.first is not None and step.snapshot.person(carried.first) is not None else None
    found = next_step(behind(list(people), carried.after), tried, carried.round, times, first)
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
    step.know(child="", left_by=None)  # who asked on is put through to anybody
    return _dial(step, person, before)


def _dial(step: Step, person: KeptPerson, before: str) -> VoiceResponse:
    step.note("ringing", person=person.id)
    search = Search(tried=step.carried.rung, round=step.carried.round, goes_on=step.carried.after is not None)
    return dial_person(step, person, " ".join(filter(None, (before, usual.waiting(search)))))


def dial_person(step: Step, person: KeptPerson, words: str) -> VoiceResponse:
    """Say something, and ring this person, who is asked for a key."""
    response = spoken(words)
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
    step.know(readings=step.carried.readings + 1)
    return _read(step)


def _read(step: Step, again: str = "") -> VoiceResponse:
    contract, carried = step.contract, step.carried
    customer = contract.customer if contract is not None else "a customer"
    made = prompts.screening_again if carried.left_by is not None else prompts.screening
    words = made(carried.priority, customer, carried.number, step.settings.company_name)
    step.know(child=step.form.get("CallSid", ""))
    return step.ask("key", technicians.joined(again, words))


def key(step: Step) -> VoiceResponse:
    """The technician's key: an empty answer joins them (Twilio: Number url). A wrong one costs no reading."""
    if step.digits == "1":
        step.note("accepted", person=step.carried.person)
        return spoken(prompts.CONNECTING)
    if step.digits == "2":
        step.note("passed", person=step.carried.person)
        return goodbye(technicians.PASSED)
    if step.digits == "9":
        return _read(step)
    if step.digits:
        return _wrong_key(step)
    if step.carried.readings < step.snapshot.times.readings:
        return screen(step)
    return _undecided(step)


def _wrong_key(step: Step) -> VoiceResponse:
    if not step.carried.useless:
        step.note("wrong_key", person=step.carried.person)
    if step.useless_answer().is_play:
        return _undecided(step)
    return _read(step, technicians.NOT_UNDERSTOOD)


def _undecided(step: Step) -> VoiceResponse:
    """Not accepted: the next person is called, but for a caller whose technician has hung up."""
    if step.carried.left_by is not None:
        return goodbye(technicians.GOODBYE)
    return goodbye(technicians.WRONG_KEYS if step.carried.useless else technicians.NO_KEY)


def dialed(step: Step) -> VoiceResponse:
    """After a person was rung. Only a bridge proves a conversation."""
    bridged = step.form.get("DialBridged", "").lower() == "true"
    status = step.form.get("DialCallStatus", "")
    outcome = "talked" if bridged else _OUTCOMES.get(status, AttemptOutcome.FAILED)
    again = step.carried.left_by is not None or None
    step.note("dialed", person=step.carried.person, outcome=outcome, again=again)
    step.know(busy=step.carried.busy + (outcome == AttemptOutcome.BUSY))
    if step.is_over:
        step.note("over", status=step.form.get("CallStatus", "completed"))
        return empty()
    if bridged:
        return hung_up.hung_up(step)
    if again:
        return hung_up.in_vain(step, busy=outcome == AttemptOutcome.BUSY)
    return held(step)


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

"""Ringing the people on call one after the other. When nobody can be reached, a message is asked for."""

from ivr.offline import prompts
from ivr.offline.step import Step
from ivr.prompts import waiting
from ivr.twilio import addresses
from ivr.twilio.twiml import Dial, VoiceResponse, spoken
from oncall.models.work.recordings import RecordingKind
from oncall.outage.snapshot import KeptPerson
from oncall.paging.escalation import behind, is_everybody_round, next_step
from oncall.paging.progress import Search

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
    return dial_person(step, person, " ".join(filter(None, (before, waiting.status(search)))))


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


def _nobody(step: Step, before: str, any_people: bool) -> VoiceResponse:
    step.know(person=None)
    step.note("nobody")
    words = prompts.NOBODY if any_people else prompts.NOBODY_ON_CALL
    return step.record("message", RecordingKind.MESSAGE, f"{before} {words}".strip())

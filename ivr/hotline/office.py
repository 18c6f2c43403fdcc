"""Staffed hours: the office is tried first."""

from collections.abc import Mapping

from ivr.hotline.hanging_up import has_hung_up
from ivr.pin_check import PIN_PAUSE
from ivr.prompts import entrance, problem
from ivr.turn import Turn
from ivr.twilio.twiml import Dial, VoiceResponse, empty, goodbye, spoken
from oncall.customers.entitlement import is_open
from oncall.models.customers import Contract, Region
from oncall.models.stored_settings import paging_times
from schedules.staffed_hours import Plan


def reachable_now(talk: Turn) -> bool:
    """Whether the default region's office can be reached without a PIN, by key 0."""
    region = talk.session.get(Region, talk.settings.default_region)
    return region is not None and is_open(Plan.PLATINUM, region.time_zone, region.office_number, talk.now)


def open_for(talk: Turn, contract: Contract) -> bool:
    """Whether the contract's plan and region have staffed hours now and an office to connect to."""
    return is_open(contract.plan, contract.region.time_zone, contract.region.office_number, talk.now)


def connect(talk: Turn, region: Region, step: str) -> VoiceResponse:
    """Ring the region's office; what comes of it goes to `step`."""
    response = spoken(entrance.OFFICE_CONNECT)
    dial = Dial(
        action=talk.url(step),
        method="POST",
        timeout=paging_times(talk.session).office_rings,
        caller_id=talk.settings.our_number,
    )
    dial.number(region.office_number)
    response.append(dial)
    talk.call.step = step
    return response


def was_answered(talk: Turn) -> bool:
    """Whether somebody in the office talked with the caller (Twilio: only a bridge proves a conversation)."""
    return picked_up(talk.form)


def picked_up(form: Mapping[str, str]) -> bool:
    """Whether the report of a Dial to the office tells of a conversation."""
    bridged = form.get("DialBridged", "true").lower() != "false"
    return form.get("DialCallStatus") in {"completed", "answered"} and bridged


def end_of_our_part(talk: Turn) -> VoiceResponse:
    """The office has it; that is logged and nothing more is ours."""
    talk.call.result = "connected to the office"
    return goodbye(entrance.OFFICE_THANKS)


def office_first(talk: Turn) -> VoiceResponse:
    """After the office rang for a caller who pressed 0: else the PIN is asked for after all."""
    if was_answered(talk):
        return end_of_our_part(talk)
    if has_hung_up(talk):
        return empty()
    return talk.ask("pin", f"{entrance.OFFICE_NO_ANSWER} {entrance.PIN_AGAIN}", keys=None, timeout=PIN_PAUSE)


def office_done(talk: Turn) -> VoiceResponse:
    """After the office rang for a caller with a right PIN: else the plan is 24x7, so the hotline goes on."""
    if was_answered(talk):
        return end_of_our_part(talk)
    if has_hung_up(talk):
        return empty()
    return talk.ask("level", f"{entrance.OFFICE_NO_ANSWER} {problem.LEVEL}")

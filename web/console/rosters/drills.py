"""Drills on the roster page: their results, and a test that a manager begins."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict

from oncall.delivery.contact_faults import faults, remedy, shown_fault
from oncall.drills.beginning import begin_now
from oncall.drills.results import drills_of
from oncall.drills.words import call_words, text_words
from oncall.models.access.roles import Role
from oncall.models.contacts.contact_faults import ContactFault
from oncall.models.drills import Drill
from oncall.models.people import Person
from oncall.models.stored_settings import paging_times
from oncall.sla.paging_times import NEVER
from schedules.wall_clock import written_time
from web.console.rosters.answers import refusals_told, zone_of
from web.console.rosters.board_json import Json
from web.console.rosters.bodies import BodyError, Id, read_body
from web.platform.access import current_account, needs, runtime

blueprint = Blueprint("roster_drills", __name__)


class DrillBody(BaseModel):
    """Whom to test."""

    model_config = ConfigDict(extra="forbid")
    person_id: Id


@blueprint.get("/rosters/<id:roster_id>/drills.json")
@needs(Role.VIEWER)
def drills(roster_id: int) -> ResponseReturnValue:
    """The latest drills, newest first, the time of day of those to come (null: never), and what is out of reach."""
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        at = paging_times(session).drill
        found = [_drill(each, zone) for each in drills_of(session, roster_id)]
        red = [_fault(each, zone) for each in faults(session)]
    return {"at": None if at == NEVER else at, "drills": found, "faults": red}


@blueprint.post("/rosters/<id:roster_id>/drills")
@needs(Role.MANAGER)
@refusals_told
def begin(roster_id: int) -> ResponseReturnValue:
    """Test somebody's phone now."""
    body = read_body(DrillBody)
    with runtime().database.transaction() as session:
        zone_of(session, roster_id)
        person = session.get(Person, body.person_id)
        if person is None:
            raise BodyError("person_id", "This person is not there any more: choose somebody else.")
        made = begin_now(session, roster_id, person, current_account().name, runtime().clock.now())
        return {"id": made.id}, 201


def _fault(row: ContactFault, zone: str) -> Json:
    return {
        "id": row.id,
        "person": row.person.name,
        "since": written_time(row.since, zone),
        "words": shown_fault(row),
        "remedy": remedy(row.fault_kind),
    }


def _drill(row: Drill, zone: str) -> Json:
    return {
        "id": row.id,
        "person_id": row.person_id,
        "person": row.person.name,
        "state": row.state,
        "at": written_time(row.begun_at, zone),
        "by": row.made_by,
        "shift": None if row.shift_at is None else written_time(row.shift_at, zone),
        "layer": row.layer,
        "call": call_words(row),
        "text": text_words(row),
    }

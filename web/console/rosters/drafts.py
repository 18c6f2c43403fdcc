"""`/rosters/<id>/drafts`: drafts of a roster beside the live roster. Everybody may look, managers begin and close them.

What a roster and a draft have in common, at addresses that only differ in their beginning, is for both in the modules
`changes`, `reads` and `covering` beside this. Each change of a draft names the `version` of it that it was made on in
its address; the versions of layers and overrides in bodies say no more.
"""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from oncall.models.access.roles import Role
from oncall.planning.drafts import changing, publishing
from web.console.rosters import draft_json
from web.console.rosters.answers import author_of, refusals_told, zone_of
from web.console.rosters.bodies import Body, DraftBody, read_body
from web.console.rosters.targets import draft_of, draft_saved, draft_version
from web.platform.access import needs, runtime

blueprint = Blueprint("roster_drafts", __name__, url_prefix="/rosters/<id:roster_id>")


@blueprint.get("/drafts.json")
@needs(Role.VIEWER)
def listed(roster_id: int) -> ResponseReturnValue:
    """All drafts, open ones first."""
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        return {"drafts": [draft_json.draft(each, zone) for each in changing.drafts(session, roster_id)]}


@blueprint.post("/drafts")
@needs(Role.MANAGER)
@refusals_told
def begin(roster_id: int) -> ResponseReturnValue:
    """A new draft, which is a copy of the live roster."""
    body = read_body(DraftBody)
    with runtime().database.transaction() as session:
        zone_of(session, roster_id)
        return {"id": changing.begin(session, author_of(body), roster_id, body.name).id}, 201


@blueprint.post('/drafts/<id:draft_id>/<any(force, "take-over", discard):what>')
@needs(Role.MANAGER)
@refusals_told
def close(roster_id: int, draft_id: int, what: str) -> ResponseReturnValue:
    """Publish, take over the live roster where the two are in each other's way, or discard."""
    body, version = read_body(Body), draft_version()
    act = {"force": publishing.put_into_force, "take-over": changing.take_over, "discard": changing.discard}[what]
    with runtime().database.transaction() as session:
        draft_of(session, roster_id, draft_id)
        return draft_saved(session, act(session, author_of(body), draft_id, version))

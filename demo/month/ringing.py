"""A search for somebody, as it went: who let it ring, who passed it on, who accepted, and the talk after that."""

from sqlalchemy import select

from demo.month.network import hangs_up, joined
from demo.month.scene import Instants, Scene
from demo.month.script import Rings
from oncall.models.calls import CallResult, PhoneCall
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageState, Via
from oncall.models.stored_settings import paging_times
from oncall.paging.acknowledge import accept, give_up
from oncall.paging.acknowledge_elsewhere import take
from oncall.paging.engine import advance

# Seconds: until a phone is picked up, until its owner has heard enough to press a key, until they type an answer.
_PICKS_UP, _LISTENS, _TYPES = 9, 11, 24
_NOBODY_PRESSES = 58
_IS_JOINED, _HEARS_GOODBYE = 3, 6
# Conversations last so many seconds more than whole minutes.
_UNEVEN = 22


def search(scene: Scene, rings: Rings, caller: PhoneCall | None, talks: int | None) -> Instants:
    """From the first ring to the end of the conversation. `caller`: holds the line, and talks for so many minutes."""
    for outcome in rings.tried:
        yield from _in_vain(scene, outcome)
    attempt = _open_attempt(scene)
    call = _call_of(scene, attempt)
    yield from _accepts(scene, attempt, call, rings.via)
    if caller is not None and caller.live and talks is not None:
        yield from _talk(scene, call, caller, talks)
    else:
        if rings.via == Via.PHONE:
            yield scene.about(_HEARS_GOODBYE)
        hangs_up(scene.work, call, CallResult.COMPLETED if call.answered_at else CallResult.CANCELED)


def _in_vain(scene: Scene, outcome: AttemptOutcome) -> Instants:
    """One who is rung and does not take it; the next one is rung."""
    attempt = _open_attempt(scene)
    call, network = _call_of(scene, attempt), scene.stage.network
    if outcome == AttemptOutcome.NO_ANSWER:
        yield scene.later(paging_times(scene.stage.session).no_answer + 2)
        advance(scene.work, attempt.page_id)
        hangs_up(scene.work, call, CallResult.CANCELED)
        return
    yield scene.about(_PICKS_UP)
    if outcome == AttemptOutcome.BUSY:
        hangs_up(scene.work, call, CallResult.BUSY)
    else:
        network.picked_up(call, scene.now)
        yield scene.about(_NOBODY_PRESSES if outcome == AttemptOutcome.NO_KEY else _LISTENS)
        give_up(scene.stage.session, attempt.id, outcome, scene.now)
        hangs_up(scene.work, call)
    advance(scene.work, attempt.page_id)


def _accepts(scene: Scene, attempt: Attempt, call: PhoneCall, via: Via) -> Instants:
    if via != Via.PHONE:
        yield scene.about(_TYPES)
        take(scene.work, attempt.page, attempt.person, via)
        return
    yield scene.about(_PICKS_UP)
    scene.stage.network.picked_up(call, scene.now)
    yield scene.about(_LISTENS)
    accept(scene.work, attempt.page_id, attempt.person, via)


def _talk(scene: Scene, call: PhoneCall, caller: PhoneCall, minutes: int) -> Instants:
    """The caller hangs up first, and the technician a little later."""
    scene.stage.network.picked_up(call, scene.now)
    yield scene.about(_IS_JOINED)
    joined(scene.work, scene.ticket, call, caller)
    yield scene.about(_UNEVEN, minutes)
    hangs_up(scene.work, caller)
    yield scene.about(_HEARS_GOODBYE)
    hangs_up(scene.work, call)


def _open_attempt(scene: Scene) -> Attempt:
    """Of who is rung at this moment for the story's ticket."""
    query = (
        select(Attempt)
        .join(Page)
        .where(Page.ticket_id == scene.ticket.id, Page.state == PageState.PAGING, Attempt.outcome.is_(None))
        .order_by(Attempt.id)
        .limit(1)
    )
    return scene.stage.session.scalars(query.execution_options(populate_existing=True)).one()


def _call_of(scene: Scene, attempt: Attempt) -> PhoneCall:
    """The call in which it is told; it rings since the attempt began."""
    call = attempt.call
    if call is None:
        raise LookupError(f"{scene.key}: {attempt.person.name} talks with somebody, and is not rung")
    scene.stage.network.rings(call, attempt.started_at)
    return call

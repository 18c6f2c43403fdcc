"""A story from its first instant to its last: how the ticket began, and what people did with it."""

from demo.month import script
from demo.month.acting import A_MOMENT, ASKED, calls_in, play
from demo.month.network import hangs_up
from demo.month.ringing import search
from demo.month.scene import Instants, Scene
from oncall.customers.entitlement import check, facts_of
from oncall.models.refusals import Reason, refuse
from oncall.sla.promises import Priority
from oncall.tickets.by_hand import Wish, open_by_hand
from oncall.tickets.intake import open_ticket
from oncall.tickets.opening import Report

# Of nobody in the demo's directory.
_STRANGER = "+390655550199"
# A caller waits so many seconds before they hang up, and takes so many to leave a message.
_PATIENCE, _MESSAGE, _THREE_PINS = 7, 34, 41


def tell(scene: Scene) -> Instants:
    """Everything that happens; its instants, the first one too."""
    yield scene.now
    match scene.story.beginning:
        case script.Call() as beginning:
            yield from _call(scene, beginning)
        case script.Message():
            yield from _message(scene)
        case script.ByHand() as beginning:
            yield from _by_hand(scene, beginning)
        case script.TurnedAway() as beginning:
            yield from _turned_away(scene, beginning)
    for after in scene.story.then:
        yield scene.about(A_MOMENT, after.minutes)
        yield from play(scene, after.act, after.by)


def _call(scene: Scene, beginning: script.Call) -> Instants:
    call = calls_in(scene)
    yield scene.about(ASKED)
    call.step = "wait"
    scene.opens(open_ticket(scene.work, call, beginning.priority))
    if beginning.talks is None:
        yield scene.about(_PATIENCE)
        hangs_up(scene.work, call)
    yield from search(scene, beginning.rings, call, beginning.talks)


def _message(scene: Scene) -> Instants:
    call = calls_in(scene)
    yield scene.about(ASKED + _MESSAGE)
    scene.opens(open_ticket(scene.work, call, Priority.P3))
    hangs_up(scene.work, call)


def _by_hand(scene: Scene, beginning: script.ByHand) -> Instants:
    report = Report(f"by hand:{scene.key}", beginning.priority, beginning.channel, number=scene.number)
    wish = Wish(report, beginning.problem, paged=beginning.rings is not None)
    person = scene.somebody(beginning.by)
    scene.opens(open_by_hand(scene.work, scene.contract, wish, person))
    if beginning.rings is not None:
        yield from search(scene, beginning.rings, None, None)


def _turned_away(scene: Scene, beginning: script.TurnedAway) -> Instants:
    if beginning.wrong_pin:
        call, reason = scene.stage.network.comes_in(scene.work, _STRANGER), Reason.WRONG_PIN
    else:
        call = calls_in(scene)
        found = check(facts_of(scene.contract), scene.now)
        if found is None:
            raise LookupError(f"{scene.key}: {scene.story.customer} has a right to the service")
        reason = found
    yield scene.about(_THREE_PINS)
    refuse(scene.stage.session, call, reason, scene.now)
    hangs_up(scene.work, call)

"""What people do with a ticket in a story: each act is a press on the ticket's page, or a call."""

from demo.month import script
from demo.month.ringing import search
from demo.month.scene import Instants, Scene
from oncall.calls.known_ticket import rejoin_ticket
from oncall.models.calls import PhoneCall
from oncall.tickets.actions.holding import hand_over, take
from oncall.tickets.actions.linking import merge
from oncall.tickets.actions.own_work import begin_work, end_work, note
from oncall.tickets.actions.priority import change_priority
from oncall.tickets.actions.waiting import resume, wait
from oncall.tickets.closing import close_with_words, reopen

# Seconds from a call's first ring to its last key: the PIN, the level, the priority.
ASKED = 44
# Nobody acts on the full minute.
A_MOMENT = 24


def play(scene: Scene, act: script.Act, by: str) -> Instants:
    """One act, from its beginning to its end."""
    match act:
        case script.Work():
            begin_work(scene.acts(by), act.channel)
            yield scene.about(A_MOMENT, act.minutes)
            end_work(scene.acts(by), act.words)
        case script.HandOver():
            hand_over(scene.acts(by), scene.somebody(act.to), act.why)
            yield from search(scene, act.rings, None, None)
        case script.CalledAgain():
            yield from _called_again(scene, act)
        case _:
            _press(scene, act, by)


def _press(scene: Scene, act: script.Act, by: str) -> None:
    """Acts that are over at once."""
    acting = scene.acts(by)
    match act:
        case script.Take():
            take(acting)
        case script.Note():
            note(acting, act.words)
        case script.Wait():
            wait(acting, act.waits_for, act.why)
        case script.Resume():
            resume(acting)
        case script.Change():
            change_priority(acting, act.priority, act.why, paged=False)
        case script.Merge():
            merge(acting, scene.stage.tickets[act.into].number)
        case script.Close():
            close_with_words(acting, act.words)
        case script.Reopen():
            reopen(acting, act.why, paged=False)
        case _:
            raise TypeError(f"{act} takes time")


def calls_in(scene: Scene) -> PhoneCall:
    """The customer calls the hotline, and is known by their PIN."""
    call = scene.stage.network.comes_in(scene.work, scene.number)
    contract = scene.contract
    call.customer_id, call.contract_id = contract.customer_id, contract.id
    return call


def _called_again(scene: Scene, act: script.CalledAgain) -> Instants:
    call = calls_in(scene)
    yield scene.about(ASKED)
    call.step = "wait"
    rejoin_ticket(scene.work, call, scene.ticket, act.priority)
    yield from search(scene, script.Rings(), call, act.talks)

"""The technician menu: open pages and tickets, accept, call back, close; who is on call."""

from ivr.technician import prompts
from ivr.technician.joining import accepted, call_customer
from ivr.technician.questions import ask_menu, ask_note, end, open_tickets
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.customers.call_back import way_back
from oncall.models.calls import caller_is_waiting
from oncall.models.pages import PageState, Via, page_of
from oncall.models.tickets import Ticket
from oncall.paging.acknowledge import accept
from oncall.rosters import on_call as rosters_on_call


def enter(turn: Turn) -> VoiceResponse:
    """The technician has proved who they are."""
    turn.call.result = "technician menu"
    turn.call.memo.menu = True
    return ask_menu(turn)


def menu(turn: Turn) -> VoiceResponse:
    """1 the tickets, 2 who is on call."""
    if turn.digits == "1":
        turn.useful_answer()
        turn.call.memo.items = tuple(ticket.id for ticket in open_tickets(turn))
        return _item(turn, 0)
    if turn.digits == "2":
        turn.useful_answer()
        return ask_menu(turn, before=prompts.on_call(_names(turn)))
    return _nothing_chosen(turn) or ask_menu(turn, again=prompts.NOT_UNDERSTOOD if turn.digits else "")


def _nothing_chosen(turn: Turn) -> VoiceResponse | None:
    """Count an answer that answers nothing; the end of the call when it was one too many."""
    useless = turn.useless_answer()
    if not useless.is_enough:
        return None
    return end(turn, prompts.ONLY_WRONG_KEYS if useless.is_play else prompts.NOTHING_CHOSEN)


def _names(turn: Turn) -> list[tuple[str, str]]:
    return [
        (layer.layer, person.name)
        for roster in rosters_on_call.on_call(turn.session, turn.now)
        for layer in roster.layers
        for person in layer.people
    ]


def _item(turn: Turn, index: int, before: str = "", again: str = "") -> VoiceResponse:
    items = turn.call.memo.items
    if index >= len(items):
        return ask_menu(turn, before=f"{before} {prompts.NO_MORE_ITEMS if items else prompts.NO_ITEMS}".strip())
    turn.call.memo.index = index
    ticket = turn.session.get_one(Ticket, items[index])
    page = page_of(turn.session, ticket.id)
    paging = page is not None and page.state == PageState.PAGING
    waits = caller_is_waiting(turn.session, ticket.id)
    mine = ticket.assignee_id is not None and ticket.assignee_id == turn.call.person_id
    state = prompts.item_state(ticket.assignee.name if ticket.assignee else None, mine, paging, waits)
    keys = prompts.item_keys(paging, waits, bool(way_back(turn.session, turn.settings, ticket).numbers))
    words = prompts.item(ticket.priority, ticket.number, ticket.customer.name, state, keys)
    return turn.ask("item", prompts.joined(again, words), before=before, timeout=8)


def item(turn: Turn) -> VoiceResponse:
    """What to do with the ticket that was just read."""
    index = turn.call.memo.index
    ticket = turn.session.get_one(Ticket, turn.call.memo.items[index])
    if turn.digits in {"1", "2", "3", "4", "*"}:
        return _chosen(turn, ticket, index)
    if turn.digits == "9":
        return _item(turn, index)
    return _nothing_chosen(turn) or _item(turn, index, again=prompts.NOT_UNDERSTOOD if turn.digits else "")


def _chosen(turn: Turn, ticket: Ticket, index: int) -> VoiceResponse:
    turn.useful_answer()
    if turn.digits == "1":
        return _accept(turn, ticket, index)
    if turn.digits == "2":
        return _item(turn, index + 1)
    if turn.digits == "3":
        return call_customer(turn, ticket)
    if turn.digits == "4":
        return ask_note(turn, ticket)
    return ask_menu(turn)


def _accept(turn: Turn, ticket: Ticket, index: int) -> VoiceResponse:
    """Take the page that is open for this ticket; without one, say why not."""
    page = page_of(turn.session, ticket.id)
    if page is None or page.state == PageState.STOPPED:
        return _item(turn, index, before=prompts.NO_PAGE)
    if page.accepted_by_id == turn.call.person_id:
        return _item(turn, index, before=prompts.YOURS_ALREADY)
    return accepted(turn, page.id, accept(turn.work, page.id, turn.person, Via.MENU))

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


def enter(talk: Turn) -> VoiceResponse:
    """The technician has proved who they are."""
    talk.call.result = "technician menu"
    talk.call.memo.menu = True
    return ask_menu(talk)


def menu(talk: Turn) -> VoiceResponse:
    """1 the tickets, 2 who is on call."""
    if talk.digits == "1":
        talk.useful_answer()
        talk.call.memo.items = tuple(ticket.id for ticket in open_tickets(talk))
        return _item(talk, 0)
    if talk.digits == "2":
        talk.useful_answer()
        return ask_menu(talk, before=prompts.on_call(_names(talk)))
    return _nothing_chosen(talk) or ask_menu(talk, again=prompts.NOT_UNDERSTOOD if talk.digits else "")


def _nothing_chosen(talk: Turn) -> VoiceResponse | None:
    """Count an answer that answers nothing; the end of the call when it was one too many."""
    useless = talk.useless_answer()
    if not useless.is_enough:
        return None
    return end(talk, prompts.ONLY_WRONG_KEYS if useless.is_play else prompts.NOTHING_CHOSEN)


def _names(talk: Turn) -> list[tuple[str, str]]:
    return [
        (layer.layer, person.name)
        for roster in rosters_on_call.on_call(talk.session, talk.now)
        for layer in roster.layers
        for person in layer.people
    ]


def _item(talk: Turn, index: int, before: str = "", again: str = "") -> VoiceResponse:
    items = talk.call.memo.items
    if index >= len(items):
        return ask_menu(talk, before=f"{before} {prompts.NO_MORE_ITEMS if items else prompts.NO_ITEMS}".strip())
    talk.call.memo.index = index
    ticket = talk.session.get_one(Ticket, items[index])
    page = page_of(talk.session, ticket.id)
    paging = page is not None and page.state == PageState.PAGING
    waits = caller_is_waiting(talk.session, ticket.id)
    mine = ticket.assignee_id is not None and ticket.assignee_id == talk.call.person_id
    state = prompts.item_state(ticket.assignee.name if ticket.assignee else None, mine, paging, waits)
    keys = prompts.item_keys(paging, waits, bool(way_back(talk.session, talk.settings, ticket).numbers))
    words = prompts.item(ticket.priority, ticket.number, ticket.customer.name, state, keys)
    return talk.ask("item", prompts.joined(again, words), before=before, timeout=8)


def item(talk: Turn) -> VoiceResponse:
    """What to do with the ticket that was just read."""
    index = talk.call.memo.index
    ticket = talk.session.get_one(Ticket, talk.call.memo.items[index])
    if talk.digits in {"1", "2", "3", "4", "*"}:
        return _chosen(talk, ticket, index)
    if talk.digits == "9":
        return _item(talk, index)
    return _nothing_chosen(talk) or _item(talk, index, again=prompts.NOT_UNDERSTOOD if talk.digits else "")


def _chosen(talk: Turn, ticket: Ticket, index: int) -> VoiceResponse:
    talk.useful_answer()
    if talk.digits == "1":
        return _accept(talk, ticket, index)
    if talk.digits == "2":
        return _item(talk, index + 1)
    if talk.digits == "3":
        return call_customer(talk, ticket)
    if talk.digits == "4":
        return ask_note(talk, ticket)
    return ask_menu(talk)


def _accept(talk: Turn, ticket: Ticket, index: int) -> VoiceResponse:
    """Take the page that is open for this ticket; without one, say why not."""
    page = page_of(talk.session, ticket.id)
    if page is None or page.state == PageState.STOPPED:
        return _item(talk, index, before=prompts.NO_PAGE)
    if page.accepted_by_id == talk.call.person_id:
        return _item(talk, index, before=prompts.YOURS_ALREADY)
    return accepted(talk, page.id, accept(talk.work, page.id, talk.person, Via.MENU))

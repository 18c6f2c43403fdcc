"""After a conversation, or instead of one: call the customer back, close with a spoken note, leave it open."""

from ivr import addresses, prompts
from ivr.talk import Talk
from ivr.technician.room import call_customer
from ivr.twiml import VoiceResponse, goodbye, spoken
from oncall.closing import close_with_recording
from oncall.people import Person
from oncall.tickets import Ticket

NOTE_SECONDS = 60


def ask_what_next(talk: Talk, words: str) -> VoiceResponse:
    """1 calls back, 2 closes with a note, 3 leaves the ticket open."""
    return talk.ask("alone_key", words, timeout=8)


def alone(talk: Talk) -> VoiceResponse:
    """The caller has gone."""
    _remember_ticket(talk)
    return ask_what_next(talk, prompts.ALONE)


def unanswered(talk: Talk) -> VoiceResponse:
    """The customer did not pick up the call back."""
    _remember_ticket(talk)
    return ask_what_next(talk, prompts.UNANSWERED)


def _remember_ticket(talk: Talk) -> None:
    from oncall.rooms import Room

    room = talk.session.get(Room, talk.call.room_id) if talk.call.room_id else None
    if room is not None:
        talk.call.memo["ticket"] = room.ticket_id


def alone_key(talk: Talk) -> VoiceResponse:
    """What the technician wants to do with the ticket now."""
    ticket = talk.session.get_one(Ticket, talk.call.memo["ticket"])
    if talk.digits == "1":
        return call_customer(talk, ticket)
    if talk.digits == "2":
        return ask_note(talk, ticket)
    if talk.digits == "" and not talk.useless_answer():
        return ask_what_next(talk, prompts.ALONE)
    talk.call.step = "goodbye"
    return goodbye(prompts.LEAVE_OPEN)


def ask_note(talk: Talk, ticket: Ticket) -> VoiceResponse:
    """Record what was done."""
    talk.call.memo["ticket"] = ticket.id
    response = spoken(prompts.CLOSING_NOTE)
    response.record(
        action=talk.url("closed"),
        method="POST",
        max_length=NOTE_SECONDS,
        timeout=5,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=addresses.recording_url(talk.settings, talk.call.id, "note"),
    )
    response.redirect(talk.url("closed", silent=1), method="POST")
    talk.call.step = "closed"
    return response


def closed(talk: Talk) -> VoiceResponse:
    """The note is there: the ticket is closed. Without one it stays open."""
    from ivr.technician import menu

    ticket = talk.session.get_one(Ticket, talk.call.memo["ticket"])
    sid = talk.form.get("RecordingSid")
    in_menu = bool(talk.call.memo.get("menu"))
    if "silent" in talk.args or not sid or talk.call.person_id is None:
        return menu.main(talk, before=prompts.NOTE_EMPTY) if in_menu else goodbye(prompts.NOTE_EMPTY)
    person = talk.session.get_one(Person, talk.call.person_id)
    url, seconds = talk.form.get("RecordingUrl", ""), int(talk.form.get("RecordingDuration") or 0)
    close_with_recording(talk.session, talk.runtime, ticket, person, (sid, url, seconds), talk.now)
    talk.call.step = "goodbye"
    return menu.main(talk, before=prompts.closed(ticket.number)) if in_menu else goodbye(prompts.closed(ticket.number))

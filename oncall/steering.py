"""Moving live calls: into a room, back to waiting, to their end."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from core.wakeups import wake_at
from oncall.calls import PhoneCall, lock_call
from oncall.ending import end_call
from oncall.hotline import page_of
from oncall.joining import Move, callers_to_bring, prepare_move, settle_room, stay_left
from oncall.paging.engine import open_page
from oncall.paging.ringing import caller_is_waiting
from oncall.people import Person
from oncall.rooms import Room
from oncall.sending import Desk
from oncall.telephony import CallGoneError, ProviderError
from oncall.tickets import tell

logger = log.get_logger(__name__)


def bring_callers(desk: Desk, room_id: int) -> None:
    """Fetch everybody who waits for the room's ticket into the room; if nobody is left, tell who waits there."""
    with desk.runtime.database.transaction() as session:
        moves = callers_to_bring(session, room_id)
    arrived = [_move(desk, move) for move in moves]
    if moves and not any(arrived):
        _tell_alone(desk, room_id)


def check_room(desk: Desk, room_id: int) -> None:
    """Look at a room again after somebody came or left."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        moves = settle_room(session, desk.runtime, room_id, now)
    for move in moves:
        _move(desk, move)


def _tell_alone(desk: Desk, room_id: int) -> None:
    """The callers were gone before the technician came: ask the technician what to do next."""
    now = desk.runtime.clock.now()
    moves = []
    with desk.runtime.database.transaction() as session:
        room = session.get_one(Room, room_id)
        for stay in room.stays:
            if stay.role == "technician" and stay.left_at is None:
                call = lock_call(session, stay.call_id)
                move = prepare_move(session, call, "alone") if call else None
                if move:
                    moves.append(move)
                    stay.left_at = now
        room.closed_at = now
    for move in moves:
        _move(desk, move)


def move_call(desk: Desk, call_id: int, step: str) -> None:
    """Let one live call go on with another step."""
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        move = prepare_move(session, call, step) if call else None
    if move:
        _move(desk, move)


def _move(desk: Desk, move: Move) -> bool:
    """Carry out a move; False when the call is over, which is then put down as its end."""
    try:
        desk.telephony.move_call(move.sid, move.call_id, move.step, move.turn)
    except CallGoneError:
        with desk.runtime.database.transaction() as session:
            call = lock_call(session, move.call_id)
            if call is not None:
                end_call(session, call, "completed", desk.runtime.clock.now())
        return False
    except ProviderError as error:
        logger.warning("call not moved, trying again", call=move.call_id, step=move.step, error=str(error))
        _try_again(desk, move)
    return True


def _try_again(desk: Desk, move: Move) -> None:
    due = desk.runtime.clock.now() + timedelta(seconds=1)
    with desk.runtime.database.transaction() as session:
        wake_at(session, desk.runtime.clock, due, "repeat_move", call_id=move.call_id, step=move.step, turn=move.turn)


def repeat_move(desk: Desk, call_id: int, step: str, turn: int) -> None:
    """Try a move again that the provider did not take, unless the call has gone on meanwhile."""
    with desk.runtime.database.transaction() as session:
        call = session.get(PhoneCall, call_id)
        still = call is not None and call.state == "answered" and call.turn == turn and call.step == step
        sid = call.sid if call else None
    if still and sid:
        _move(desk, Move(call_id, sid, step, turn))


def cut_off(desk: Desk, call_id: int) -> None:
    """Stop ringing somebody who is no longer needed; somebody who listens is told who has it instead."""
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is None or not call.live or call.step in {"goodbye", "taken"} or call.room_id is not None:
            return
        if call.state == "queued":
            end_call(session, call, "canceled", desk.runtime.clock.now())
            return
        if call.sid is None:  # the request that rings it is under way: its answer is needed to end the call
            due = desk.runtime.clock.now() + timedelta(seconds=0.3)
            wake_at(session, desk.runtime.clock, due, "cut_off", call_id=call_id)
            return
        sid = call.sid
        move = prepare_move(session, call, "taken")
    if move:
        _move(desk, move)
        return
    try:
        desk.telephony.hang_up(sid)
    except CallGoneError:
        logger.info("call was over before it was cut off", call=call_id)
    except ProviderError as error:
        logger.warning("call not cut off, trying again", call=call_id, error=str(error))
        with desk.runtime.database.transaction() as session:
            due = desk.runtime.clock.now() + timedelta(seconds=1)
            wake_at(session, desk.runtime.clock, due, "cut_off", call_id=call_id)


def hold_callers(desk: Desk, room_id: int, on: bool) -> None:
    """Let the callers of a room hear music while their technician is at the keys, or each other again."""
    with desk.runtime.database.transaction() as session:
        room = session.get_one(Room, room_id)
        conference = room.conference_sid
        sids = [
            stay.call.sid for stay in room.stays if stay.role == "caller" and stay.left_at is None and stay.call.sid
        ]
    if conference is None:
        return
    for sid in sids:
        try:
            desk.telephony.hold(conference, sid, on)
        except ProviderError as error:
            logger.warning("caller not put on or off hold", room=room_id, error=str(error))


def hand_over(desk: Desk, room_id: int, person_id: int) -> None:
    """A technician leaves the callers of a room to a colleague: they wait again and the others are paged."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        moves = _take_callers_out(session, room_id, "handed", now, waiting=True)
        room = session.get_one(Room, room_id)
        person = session.get_one(Person, person_id)
        words = f"{person.name} hands the ticket over."
        tell(session, room.ticket_id, now, "page", words, key=f"room:{room_id}:handed", person_id=person_id)
        session.flush()
        open_page(session, desk.runtime, room.ticket, now, "handover")
    for move in moves:
        _move(desk, move)


def finish_callers(desk: Desk, room_id: int) -> None:
    """The technician has ended the conversation: the callers hear so and are hung up."""
    with desk.runtime.database.transaction() as session:
        moves = _take_callers_out(session, room_id, "finished", desk.runtime.clock.now(), waiting=False)
    for move in moves:
        _move(desk, move)


def _take_callers_out(session: Session, room_id: int, step: str, now: datetime, *, waiting: bool) -> list[Move]:
    room = session.scalars(select(Room).where(Room.id == room_id).with_for_update(key_share=True)).one()
    moves = []
    for stay in room.stays:
        if stay.role != "caller" or stay.left_at is not None:
            continue
        call = lock_call(session, stay.call_id)
        move = prepare_move(session, call, step) if call else None
        if call is not None and move is not None:
            call.waiting = waiting
            moves.append(move)
        stay_left(session, stay, now)
    return moves


def check_connected(desk: Desk, call_id: int) -> None:
    """Somebody accepted but was not joined (their phone was not picked up, say) while a caller holds: page again."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        call = session.get(PhoneCall, call_id)
        if call is None or call.ticket_id is None or not caller_is_waiting(session, call.ticket_id):
            return
        page = page_of(session, call.ticket_id)
        if page is None or page.state != "accepted" or page.accepted_by_id != call.person_id:
            return
        words = "Accepted, but not joined with the caller: paging again."
        tell(session, call.ticket_id, now, "warning", words, key=f"call:{call.id}:not_joined")
        open_page(session, desk.runtime, page.ticket, now, "not joined")

"""Moving live calls: into a room, back to waiting, to their end."""

from datetime import timedelta

from core import log
from core.wakeups import wake_at
from oncall.calls import PhoneCall, lock_call
from oncall.ending import end_call
from oncall.joining import Move, callers_to_bring, prepare_move, settle_room
from oncall.rooms import Room
from oncall.sending import Desk
from oncall.telephony import CallGoneError, ProviderError

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

"""The gateway in one process, with a network that may refuse, and what tests of drills look at."""

from collections.abc import Callable

from sqlalchemy import select

from oncall.delivery.telephony import ProviderError
from oncall.models.calls import PhoneCall
from oncall.models.drills import Drill
from oncall.models.messages import Message
from oncall.models.pages import Attempt
from tests.calls.crude import Leg
from tests.calls.people import ACME, ACME_PIN
from tests.calls.switchboard import Switchboard

PIN_KEY = b"a-pin-key-for-tests-0123456789"
Look = Callable[[], None]


class Board(Switchboard):
    """A switchboard whose network may refuse, or not be there."""

    refusing: ProviderError | None = None

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        if self.refusing is not None:
            raise self.refusing
        return super().place_call(to, call_id, ring_seconds)

    def over(self, leg: Leg, status: str) -> None:
        """The network ends a call that nobody picked up."""
        self._over(leg, status)

    def ringing(self, number: str) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.called == number and leg.status == "ringing"]


def report(board: Board) -> Leg:
    """Acme calls up to the ticket."""
    acme = board.dial(ACME)
    for keys in (ACME_PIN, "1", "1"):
        acme.press(keys)
    board.pass_time(0)
    return acme


def drill(board: Board) -> Drill:
    with board.runtime.database.transaction() as session:
        found = session.scalars(select(Drill)).one()
        assert found.person.name == "Ada Rossi"
        return found


def attempts(board: Board) -> list[tuple[str, int, str | None]]:
    """First name, round, outcome."""
    with board.runtime.database.transaction() as session:
        found = session.scalars(select(Attempt).order_by(Attempt.id))
        return [(each.person.first_name, each.round, each.outcome) for each in found]


def texts_to(board: Board, number: str) -> list[str]:
    with board.runtime.database.transaction() as session:
        query = select(Message.body).where(Message.recipient == number, Message.channel == "text")
        return list(session.scalars(query.order_by(Message.id)))


def page_call(board: Board) -> PhoneCall:
    """The call of the open attempt."""
    with board.runtime.database.transaction() as session:
        query = select(PhoneCall).join(Attempt, Attempt.call_id == PhoneCall.id).where(Attempt.outcome.is_(None))
        return session.scalars(query).one()

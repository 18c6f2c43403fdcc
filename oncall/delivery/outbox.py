"""The way of a call, text, mail or notice out: claim it, give the session back, ask the provider, record the answer.

`Outbox` has what they share; what a table does in its own way stands in its subclass (`oncall.calls.placing`,
`worker.sending`). Which queued row is next, and when, is decided in `worker.pacer`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar, Final, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import log
from oncall.delivery.rate_limit import pause, rate_of, settle
from oncall.delivery.sender import (
    BEFORE,
    Sender,
    claim,
    claimed,
    is_ours,
    is_sending,
    let_go,
    looked_up,
    real,
    result_of,
    wait_after,
)
from oncall.delivery.telephony import ProviderError
from oncall.models.calls import CallState, PhoneCall
from oncall.models.contacts.faults import ProviderFault
from oncall.models.messages import Message, MessageState
from oncall.models.operations.provider_health import RequestKind, RequestResult
from oncall.runtime import Work

logger = log.get_logger(__name__)

_OPEN: Final = frozenset({CallState.QUEUED, CallState.SENDING, MessageState.QUEUED, MessageState.SENDING})


@dataclass(frozen=True)
class Order:
    """What a claimed row asks the provider for.

    `kind`: whose limit it counts against; None for mails and notices, which have none. `since`: real UTC, before it
    was put down. `lost`: somebody may have asked for it before.
    """

    row_id: int
    kind: RequestKind | None
    since: datetime
    lost: bool


@dataclass(frozen=True)
class Claimed:
    """A row in our hands: what is left to do once the session is given back."""

    send: Callable[[], None]


AnyRow = TypeVar("AnyRow", bound=PhoneCall | Message)
AnyOrder = TypeVar("AnyOrder", bound=Order)


class Outbox(ABC, Generic[AnyRow, AnyOrder]):
    """Sends the rows of one table; the texts are for the log."""

    table: type[AnyRow]
    noun: ClassVar[str]
    complaint: ClassVar[str]

    def take(self, work: Work, sender: Sender, row: AnyRow) -> Claimed | None:
        """Claim a locked row; None when there is nothing to be done for it."""
        order = self.claim(work, sender, row)
        return None if order is None else Claimed(partial(self.send, sender, order))

    def claim(self, work: Work, sender: Sender, row: AnyRow) -> AnyOrder | None:
        """Claim a locked row for a request; None when it is claimed already, over, or no longer wanted."""
        if row.state not in _OPEN or claimed(sender, row):
            return None
        lost = is_sending(row)
        if not self._prepare(work, row, lost=lost):
            return None
        claim(work.session, sender, row)
        return self._order(work, row, real(sender, row.created_at) - BEFORE, lost)

    def send(self, sender: Sender, order: AnyOrder) -> None:
        """Ask the provider for what was claimed. What is not found after a lost answer waits for a token again."""
        rate = rate_of(sender.runtime.settings, order.kind) if order.kind else 0
        try:
            sid = self._known(sender, order) if order.lost and order.kind else None
            if sid is None and order.lost and rate:
                self._queue_again(sender, order)
                return
            sid = sid or self._request(sender, order)
        except ProviderError as error:
            if order.kind:
                sender.tally.count(order.kind, result_of(error), str(error))
            self._not_sent(sender, order, error)
            return
        if order.kind:
            sender.tally.count(order.kind, RequestResult.SENT)
        with sender.runtime.work() as work:
            needed = self._sent(work, order, sid)
            if order.kind:
                settle(work.session, order.kind, rate)
        if not needed and sid is not None:
            self._withdraw(sender, order, sid)

    def lock(self, session: Session, row_id: int) -> AnyRow | None:
        """The row locked, as it stands now."""
        query = select(self.table).where(self.table.id == row_id).with_for_update(key_share=True)
        return session.scalar(query.execution_options(populate_existing=True))

    def _known(self, sender: Sender, order: AnyOrder) -> str | None:
        """What an earlier request may have led to: of these words, to this number, that is no other row's."""
        sids = looked_up(lambda: self._find(sender, order))
        with sender.runtime.database.transaction() as session:
            taken = set(session.scalars(self._with_sids(sids).where(self.table.id != order.row_id)))
        return next((sid for sid in sids if sid not in taken), None)

    def _queue_again(self, sender: Sender, order: AnyOrder) -> None:
        with sender.runtime.work() as work:
            row = self.lock(work.session, order.row_id)
            if row is not None and is_ours(sender, row):
                self._queue(row)
                let_go(row)
                self._wake_at(work, work.now, row)

    def _not_sent(self, sender: Sender, order: AnyOrder, error: ProviderError) -> None:
        """Give it up, or try again later: soon after a first failure, and as late as the provider wants."""
        with sender.runtime.work() as work:
            row = self.lock(work.session, order.row_id)
            if row is None or not is_ours(sender, row):
                return
            row.keep_fault(error.fault)
            let_go(row)
            logger.warning(self.complaint, error=row.error, permanent=error.permanent, **{self.noun: row.id})
            given_up = error.permanent or row.tries >= self._most_tries(row)
            self._failed(work, row, error.fault, given_up=given_up)
            if given_up:
                return
            if not error.processed_unknown:
                self._queue(row)
            due = work.now + wait_after(error, row.tries)
            row.not_before = real(sender, due)
            self._wake_at(work, due, row)
            if error.retry_after and order.kind and rate_of(sender.runtime.settings, order.kind):
                pause(work.session, order.kind, error.retry_after)

    # what each table does in its own way

    @abstractmethod
    def _prepare(self, work: Work, row: AnyRow, *, lost: bool) -> bool:
        """A last look before the claim; False when it is not to be sent any more, and then its end is recorded."""

    @abstractmethod
    def _queue(self, row: AnyRow) -> None:
        """It waits for its turn again."""

    @abstractmethod
    def _order(self, work: Work, row: AnyRow, since: datetime, lost: bool) -> AnyOrder:
        """What to ask the provider for."""

    @abstractmethod
    def _find(self, sender: Sender, order: AnyOrder) -> list[str]:
        """The provider's ids of what an earlier request may have led to, newest first. Raises ProviderError."""

    @abstractmethod
    def _with_sids(self, sids: list[str]) -> Select[str | None]:
        """Which of these ids of the provider's our rows have."""

    @abstractmethod
    def _request(self, sender: Sender, order: AnyOrder) -> str | None:
        """Ask the provider; its id of what is sent, where it gives one. Raises ProviderError."""

    @abstractmethod
    def _sent(self, work: Work, order: AnyOrder, sid: str | None) -> bool:
        """Record that the provider has taken it; False when it was in vain."""

    def _withdraw(self, sender: Sender, order: AnyOrder, sid: str) -> None:
        """End at the provider what was sent in vain."""

    @abstractmethod
    def _most_tries(self, row: AnyRow) -> float:
        """After so many it is given up."""

    @abstractmethod
    def _failed(self, work: Work, row: AnyRow, fault: ProviderFault, *, given_up: bool) -> None:
        """Record a try that failed, and the row's end when it is given up."""

    @abstractmethod
    def _wake_at(self, work: Work, due: datetime, row: AnyRow) -> None:
        """Wake the job that tries it again."""

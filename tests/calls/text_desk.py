"""Texts to a gateway inside one process: signed webhooks with any sender, a clock that stands still, pages by hand."""

import itertools
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from core.clock import real_now
from core.db import Database
from core.settings import Settings
from oncall.models.customers import Contract, Customer
from oncall.models.messages import IncomingText, Message
from oncall.models.pages import Page, PageCause
from oncall.models.tickets import Ticket, TicketEvent
from oncall.paging.engine import first_page
from oncall.runtime import Runtime, Work
from simulator.signer import signature
from tests.calls.people import DIRECTORY
from tests.calls.switchboard import StandingClock
from tests.loading import load_directory

MANAGERS = ("carla@example.org", "dino@example.org")


@dataclass
class TextDesk:
    """`text` sends one and returns the answer, empty for none."""

    database: Database
    settings: Settings
    clock: StandingClock
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        from app import create_app  # its log is set up by the test's settings

        self.runtime = Runtime(self.settings, self.database, self.clock)
        self.app = create_app(self.settings, self.runtime)

    @property
    def now(self) -> datetime:
        return self.clock.instant

    def text(self, number: str, body: str, sid: str | None = None, **more: str) -> str:
        url = f"{self.settings.public_url}/ivr/sms"
        params = {"MessageSid": sid or f"SM{next(self._numbers):032x}", "From": number, "Body": body} | more
        signed = signature(self.settings.auth_token, url, params.items())
        answer = self.app.test_client().post("/ivr/sms", data=params, headers={"X-Twilio-Signature": signed})
        assert answer.status_code == 200
        said = [each.text or "" for each in ET.fromstring(answer.data).iter("Message")]  # noqa: S314
        assert len(said) <= 1
        return said[0] if said else ""

    def open(self, customer: str = "Acme", caller: str | None = None, *, paged: bool = True) -> tuple[int, str]:
        """A ticket and its page, on which Ada is rung first: the ticket's number and the page's code."""
        with self.database.transaction() as session:
            contract = session.scalars(select(Contract).join(Customer).where(Customer.name == customer)).one()
            made = session.scalar(select(func.count()).select_from(Ticket))
            ticket = Ticket(
                origin=f"test:{made}",
                customer_id=contract.customer_id,
                contract_id=contract.id,
                priority="P1",
                channel="hotline",
                caller_number=caller,
                opened_at=self.now,
            )
            session.add(ticket)
            session.flush()
            session.refresh(ticket)
            code = first_page(Work(session, self.runtime, self.now), ticket, PageCause.HOTLINE).code if paged else ""
            return ticket.number, code

    def page_again(self, number: int) -> str:
        """The code of a new page for the ticket."""
        with self.database.transaction() as session:
            ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            return first_page(Work(session, self.runtime, self.now), ticket, PageCause.PROMISE).code

    def wrong(self, *codes: str) -> str:
        """A code that no page has."""
        return next(code for code in map(str, range(200_000, 200_100)) if code not in codes)

    def pages(self) -> list[str]:
        with self.database.transaction() as session:
            return list(session.scalars(select(Page.state).order_by(Page.id)))

    def tickets(self) -> list[str]:
        with self.database.transaction() as session:
            return list(session.scalars(select(Ticket.state).order_by(Ticket.id)))

    def kept(self) -> list[IncomingText]:
        with self.database.transaction() as session:
            return list(session.scalars(select(IncomingText).order_by(IncomingText.at, IncomingText.provider_sid)))

    def timeline(self, number: int) -> list[str]:
        with self.database.transaction() as session:
            events = select(TicketEvent.words).join(Ticket).where(Ticket.number == number, TicketEvent.kind == "text")
            return list(session.scalars(events.order_by(TicketEvent.id)))

    def mails(self) -> list[Message]:
        """Mails about numbers that get no answer."""
        with self.database.transaction() as session:
            query = select(Message).where(Message.channel == "mail", Message.key.startswith("silence:"))
            return list(session.scalars(query.order_by(Message.id)))


def open_desk(database: Database, folder: Path, now: datetime, **settings: int) -> TextDesk:
    """The tests' directory on a Sunday night, nobody paged."""
    (folder / "pin_key").write_bytes(b"a key of the tests of texts")
    with database.transaction() as session:
        load_directory(session, DIRECTORY, now, b"a key of the tests of texts")
    found = Settings(var_dir=folder, public_url="http://gateway.test", simulator_url="http://127.0.0.1:9", **settings)  # type: ignore[arg-type]
    return TextDesk(database, found, StandingClock(now, now - real_now()))

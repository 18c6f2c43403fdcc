"""Mail by SMTP: the worker hands the ticket's mail to a real mail server."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from oncall.models.messages import Message
from tests.calls.people import ADA, BETA_PIN, Cast, report_problem
from tests.calls.stack import Gateway
from tests.mail_server import Mailbox, serving


@pytest.fixture
def mailbox(gateway: Gateway) -> Iterator[Mailbox]:
    """A mail server, and a worker that knows it, in place of the usual worker."""
    box = Mailbox(busy=1)
    with serving(box) as url:
        gateway.processes.pop("worker").stop()
        gateway.env["SMTP_URL"] = url
        _start_worker(gateway, "mailing_worker")
        yield box
        del gateway.env["SMTP_URL"]
        gateway.processes.pop("mailing_worker").stop()
        _start_worker(gateway, "worker")


def _start_worker(gateway: Gateway, name: str) -> None:
    """Returns when it is at work."""
    log = gateway.folder / f"{name}.log"
    log.write_text("")
    gateway.start_worker(name)
    gateway.network.wait(lambda: "worker started" in log.read_text(), 40, name)


def test_a_new_ticket_is_mailed(gateway: Gateway, cast: Cast, mailbox: Mailbox) -> None:
    """To the contract's contact, once, though the mail server puts the first try off."""
    number = report_problem(cast.acme)
    gateway.network.wait(lambda: mailbox.mails, 20, "the mail")
    gateway.settle()
    [(recipients, mail)] = mailbox.mails
    assert recipients == ["it@acme.example"]
    assert (mail["From"], mail["To"]) == ("hotline@example.org", "it@acme.example")
    assert mail["Subject"] == f"Ticket {number} opened (P1), Acme"
    assert mail["Message-ID"]
    assert f"Ticket {number} was opened for Acme" in mail.get_content()
    [row] = gateway.rows(Message, Message.channel == "mail")
    assert (row.state, row.tries) == ("sent", 2)
    _page_by_mail(gateway, cast, mailbox)


def _page_by_mail(gateway: Gateway, cast: Cast, mailbox: Mailbox) -> None:
    """A technician whose phone takes no texts, and who has no other channel than an e-mail address."""
    gateway.network.fault(ADA, not_mobile=True)
    number = report_problem(cast.beta, BETA_PIN)

    def mailed() -> list[EmailMessage]:
        """The search for somebody for the first ticket goes on meanwhile, and may come by mail as well."""
        to_ada = [mail for recipients, mail in mailbox.mails if recipients == ["ada@example.org"]]
        return [mail for mail in to_ada if mail["Subject"] == f"P1 ticket {number}, Beta: you are paged"]

    [page] = gateway.network.wait(mailed, 20, "the page by mail")
    assert "To accept: open the link, text ACK" in page.get_content()
    assert "You get this here because the text failed for good." in page.get_content()

"""Mail by SMTP: the worker hands the ticket's mail to a real mail server."""

from collections.abc import Iterator

import pytest

from oncall.messages import Message
from tests.calls.people import Cast, report_problem
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

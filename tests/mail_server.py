"""A real mail server for tests, and what came in."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.ports import free_port


class Mailbox:
    """A mail server's inbox; `busy` times it puts the sender off first."""

    def __init__(self, busy: int = 0) -> None:
        self.busy = busy
        self.mails: list[tuple[list[str], EmailMessage]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.busy:
            self.busy -= 1
            return "451 busy, come again"
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append((envelope.rcpt_tos, message_from_bytes(content, policy=policy.default)))
        return "250 taken"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for _, mail in self.mails]


@contextmanager
def serving(box: Mailbox) -> Iterator[str]:
    """The mail server's address for SMTP_URL, for as long as the block lasts."""
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        server.stop()

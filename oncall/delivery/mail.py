"""Outgoing mail: by SMTP, or into a folder in the demo."""

import hashlib
import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from core.clock import real_now
from core.settings import Settings

TIMEOUT_SECONDS = 15


class MailError(Exception):
    """The mail was not taken. `permanent` decides whether trying again makes sense."""

    def __init__(self, words: str, permanent: bool) -> None:
        super().__init__(words)
        self.permanent = permanent


class Mailer(Protocol):
    """Sends one mail; `key` names its cause and makes its Message-ID, so that a repeat is recognisable."""

    def send(self, recipient: str, subject: str, body: str, key: str) -> None:
        """Raises MailError."""

    def probe(self) -> str:
        """See whether mails would be taken, without sending one; where they go, in words. Raises MailError, OSError."""


def _compose(sender: str, recipient: str, subject: str, body: str, key: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, " ".join(subject.split())
    domain = sender.rpartition("@")[2] or "localhost"
    mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
    mail["Date"] = real_now()
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    return mail


class FolderMailer:
    """Writes each mail as a file: the demo has no mail server."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    def send(self, recipient: str, subject: str, body: str, key: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        mail = _compose(self._sender, recipient, subject, body, key)
        (self._folder / f"{name}.eml").write_bytes(mail.as_bytes())

    def probe(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        if not os.access(self._folder, os.W_OK):
            raise MailError(f"the folder {self._folder} can't be written to", True)
        return f"no SMTP_URL is set: mails are written to {self._folder}"


class SmtpMailer:
    """Hands mails to a server: smtp://, smtp+starttls:// or smtps:// with user and password if need be."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = urlsplit(url), sender

    def send(self, recipient: str, subject: str, body: str, key: str) -> None:
        mail = _compose(self._sender, recipient, subject, body, key)
        with self._session() as server:
            try:
                server.send_message(mail)
            except smtplib.SMTPRecipientsRefused as error:
                codes = [code for code, _ in error.recipients.values()]
                raise MailError(f"the mail server refused {recipient}", all(code >= 500 for code in codes)) from error

    def probe(self) -> str:
        with self._session() as server:
            server.noop()
        known = f", and knows {unquote(self._url.username)}" if self._url.username else ""
        return f"{self._url.hostname} answers{known}"

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A greeted server that knows us. Raises MailError, also for what goes wrong in the block."""
        try:
            with self._connect() as server:
                server.ehlo_or_helo_if_needed()
                if self._url.username:
                    server.login(unquote(self._url.username), unquote(self._url.password or ""))
                yield server
        except smtplib.SMTPResponseException as error:
            raise MailError(f"the mail server answered {error.smtp_code}", error.smtp_code >= 500) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"the mail server can't be reached: {error}", False) from error

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
        if self._url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        return server


def build_mailer(settings: Settings) -> Mailer:
    """The mailer that the settings ask for."""
    if settings.smtp_url is None:
        return FolderMailer(settings.var_dir / "mail", settings.mail_from)
    return SmtpMailer(settings.smtp_url, settings.mail_from)

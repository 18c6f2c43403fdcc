"""Telling people that the service itself is in trouble, without the service: no job, no worker, no row is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import log
from core.settings import Settings

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class Notice:
    """What is told. `key` names the cause: what is told twice can be recognised as the same."""

    subject: str
    body: str
    key: str


def alert(settings: Settings, recipients: Sequence[str], notice: Notice) -> bool:
    """Tell everybody by every way there is, from this very process; whether anybody was reached.

    `recipients`: mail addresses. Takes as long as the mail server does, so never call it inside a transaction. Other
    ways belong here, each tried whatever came of the ones before.
    """
    if not recipients:
        logger.error("nobody in charge has a mail address: nobody is told", subject=notice.subject)
        return False
    reached = [recipient for recipient in recipients if _by_mail(settings, recipient, notice)]
    logger.error("told those in charge", subject=notice.subject, reached=len(reached), of=len(recipients))
    return bool(reached)


def _by_mail(settings: Settings, recipient: str, notice: Notice) -> bool:
    # Loaded when it is needed: the web process sends no other mail.
    from oncall.delivery.mail import MailError, build_mailer  # only in trouble

    try:
        build_mailer(settings).send(recipient, notice.subject, notice.body, f"{notice.key}:{recipient}")
    except (MailError, OSError) as error:
        logger.error("could not tell somebody in charge by mail", reason=str(error))
        return False
    return True

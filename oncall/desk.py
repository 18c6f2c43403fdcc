"""What sending needs, and what calls, texts and mails have in common when the provider is asked for them.

A row is claimed by moving it from queued to sending, for as long as a request can take. Whoever finds one in sending
and not claimed any more knows that a process died or lost the provider's answer in between: the provider is asked
first whether it has the call or text already.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from core import log
from core.clock import real_now
from oncall.apprise_sender import AppriseSender
from oncall.calls import PhoneCall
from oncall.contact_faults import is_about_the_number
from oncall.mail import Mailer
from oncall.messages import Message
from oncall.provider_health import FAILED, REFUSED, Tally
from oncall.runtime import Runtime
from oncall.telephony import ProviderError, Telephony

logger = log.get_logger(__name__)

# Waits before the next try of something the provider may take later (429, 5xx, time-outs), seconds.
BACK_OFF = (1, 2, 4, 8, 15, 30, 60, 120, 300)
# The provider's clock may differ a little from ours.
BEFORE = timedelta(seconds=2)


@dataclass(frozen=True)
class Desk:
    """What sending needs: the runtime, the telephone network, mail, other channels, and a count of what came of it."""

    runtime: Runtime
    telephony: Telephony
    mailer: Mailer
    sender: AppriseSender = field(default_factory=AppriseSender)
    tally: Tally = field(default_factory=Tally)


def looked_up(look: Callable[[], list[str]]) -> list[str]:
    """What the provider finds. One that can't tell is asked to send: once too often is better than never."""
    try:
        return look()
    except ProviderError as error:
        if not error.permanent:
            raise
        logger.warning("could not be looked up, sending again", error=str(error))
        return []


def claimed(desk: Desk, row: PhoneCall | Message) -> bool:
    """Whether another worker is asking the provider at this moment: looking it up and sending, one request each."""
    lease = timedelta(seconds=2 * desk.runtime.settings.provider_timeout + 5)
    return row.state == "sending" and row.claimed_at is not None and real_now() < row.claimed_at + lease


def back_off(tries: int) -> int:
    """Seconds until the next try."""
    return BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1]


def result_of(error: ProviderError) -> str:
    """What a failed request says of the network: one number refused, or nothing gets through."""
    return REFUSED if error.permanent and is_about_the_number(words_of(error)) else FAILED


def words_of(error: ProviderError) -> str:
    """The failure as people read it, with the provider's own code."""
    return f"{error.code} {error}" if error.code else str(error)

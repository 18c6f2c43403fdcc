"""The telephone network is sick, or a number is dead: pages reach people by their other channels."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import requests
from sqlalchemy import delete

from core.clock import real_now
from oncall.delivery.provider_health import open_outage
from oncall.models.contacts.contact_faults import ContactFault
from oncall.models.messages import Message
from oncall.models.operations.provider_health import ProviderOutage, ProviderResult
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person
from oncall.models.stored_settings import clock_shift
from tests.calls.night_desk import PATIENCE, accept, await_told, holders, page_states, text_and_hear, told, tries
from tests.calls.other_channels import Services, services
from tests.calls.people import ADA, Cast, report_problem
from tests.calls.stack import Gateway

# The promise: whatever happens to Twilio, a P1 page reaches its person so soon after it was due.
PROMISED = 60


@pytest.fixture
def other(gateway: Gateway) -> Iterator[Services]:
    """Everybody but Carla, who has a mail address alone, has another channel."""
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1, other_after=1)
    with services() as found:
        gateway.load(found.directory("Ada", "Bruno", "Dino"))
        yield found
        gateway.stop_pages()
        gateway.network.heal_api()


def mails(gateway: Gateway) -> dict[str, list[str]]:
    """Subjects of mails by recipient."""
    found: dict[str, list[str]] = {}
    for path in (gateway.folder / "mail").glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        found.setdefault(mail["To"], []).append(mail["Subject"])
    return found


def faults(gateway: Gateway) -> list[tuple[str, str]]:
    return sorted((each.kind, each.words) for each in gateway.rows(ContactFault))


def forget_mails(gateway: Gateway) -> None:
    for path in (gateway.folder / "mail").glob("*.eml"):
        path.unlink()


def test_with_the_api_away_everybody_is_reached_in_turn(gateway: Gateway, cast: Cast, other: Services) -> None:
    """Ada, Bruno, Carla by mail, Dino: each within the promise, though no call and no text is taken.

    The first requests, Ada's, are not even answered.
    """
    forget_mails(gateway)
    gateway.set_paging(no_answer=2, then_every=60, rounds=1, drop_grace=1, other_after=1)
    gateway.network.fail_api("hang", 2, method="POST")
    gateway.network.fail_api(503, None)
    number = report_problem(cast.acme)
    subject = f"P1 ticket {number}, Acme: you are paged"
    gateway.network.wait(lambda: other.of("ada"), PROMISED + 12, "Ada's notice")
    gateway.network.wait(lambda: other.of("dino"), PROMISED + 12, "Dino's notice")
    gateway.network.wait(lambda: subject in mails(gateway).get("carla@example.org", []), PATIENCE, "Carla's mail")
    names = {person.id: person.first_name.lower() for person in gateway.rows(Person)}
    begun: dict[str, float] = {}
    for attempt in gateway.rows(Attempt):
        begun.setdefault(names[attempt.person_id], attempt.started_at.timestamp())
    assert list(begun)[:4] == ["ada", "bruno", "carla", "dino"]
    for name in ("ada", "bruno", "dino"):
        first = other.of(name)[0]
        assert first.title == subject
        took = first.at - (begun[name] - _shift(gateway))
        assert took < PROMISED, f"{name} was reached after {took:.1f} s"
    assert not cast.ada.phone.texts
    code = gateway.rows(Page)[0].code
    assert (
        f"To accept: open the link, text ACK {code} to +390584943299, or call +390584943299"
        in other.of("ada")[0].message
    )
    assert f"\n{gateway.url}/t/" in other.of("ada")[0].message
    gateway.network.heal_api()
    text_and_hear(cast.bruno, f"ACK {code}", f"Ticket {number} is yours")
    assert holders(gateway) == ["Bruno Verdi"]


def _shift(gateway: Gateway) -> float:
    """How far the pretended time is from real time, seconds."""
    with gateway.database.transaction() as session:
        return (clock_shift(session) or timedelta()).total_seconds()


def test_the_call_goes_through_when_the_network_is_back(gateway: Gateway, cast: Cast, other: Services) -> None:
    """A notice does not end the retries: the phone rings as soon as it can. And it comes once."""
    gateway.network.fail_api(429, None, "/Calls", "POST")
    report_problem(cast.acme)
    gateway.network.wait(lambda: other.of("ada"), PATIENCE, "Ada's notice")
    await_told(gateway, r"Asking Ada Rossi by JSON as well: the call is not taken by the telephone network\.")
    await_told(gateway, r"Ada Rossi was sent a notice by JSON\.")
    gateway.network.heal_api()
    accept(cast.ada)
    gateway.joined(2)
    assert len(other.notices) == 1
    assert [(row.state, row.tries) for row in gateway.rows(Message, Message.channel == "other")] == [("sent", 1)]


def test_a_healthy_network_needs_no_other_channel(gateway: Gateway, cast: Cast, other: Services) -> None:
    report_problem(cast.acme)
    cast.ada.rings()
    gateway.network.wait(lambda: gateway.rows(ProviderResult), PATIENCE, "counts of what was sent")
    accept(cast.ada)
    gateway.joined(2)
    gateway.settle()
    assert (other.asked, gateway.rows(Message, Message.channel == "other")) == ([], [])
    assert {row.result for row in gateway.rows(ProviderResult)} == {"sent"}


def test_a_stop_is_red_until_a_text_arrives(gateway: Gateway, cast: Cast, other: Services) -> None:
    """The network's refusal counts, not the word: the page goes elsewhere at once, those in charge are told once."""
    forget_mails(gateway)
    cast.ada.send_text("STOP")
    gateway.settle()
    assert faults(gateway) == []
    stopped = "STOP was texted from that phone, so it gets no texts any more (21610)"
    report_problem(cast.acme)
    cast.ada.rings()
    gateway.network.wait(lambda: other.of("ada"), PATIENCE, "Ada's notice, at once")
    gateway.settle()
    assert faults(gateway) == [("text", stopped)]
    told_chief = [subject for subject in mails(gateway)["carla@example.org"] if "reached" in subject]
    assert told_chief == [f"Can't be reached: Ada Rossi: texts to {ADA} fail: {stopped}"]
    cast.ada.send_text("START")
    gateway.settle()
    assert faults(gateway) == [("text", stopped)]
    cast.ada.decline()
    gateway.set_paging(no_answer=1, then_every=60, drop_grace=1)  # the others, and Ada once more
    gateway.network.wait(lambda: not gateway.rows(ContactFault), PATIENCE, "the mark gone with the next text")


def test_late_reports_count_as_failures(gateway: Gateway, cast: Cast, other: Services) -> None:
    """A text that is not delivered after all; the next one that is delivered takes the mark away."""
    gateway.network.fault(ADA, undelivered=30006)
    report_problem(cast.acme)
    gateway.network.wait(lambda: other.of("ada"), PATIENCE, "Ada's notice")
    await_told(gateway, r"Asking Ada Rossi by JSON as well: the text failed for good\.")
    assert faults(gateway) == [("text", "the number is a landline or can't be reached (30006)")]
    gateway.network.fault(ADA, undelivered=False)
    cast.ada.decline()
    gateway.set_paging(no_answer=1, then_every=60, drop_grace=1)  # the others, and Ada once more
    gateway.network.wait(lambda: not gateway.rows(ContactFault), PATIENCE, "the mark gone with the next text")


def test_a_call_that_fails_for_good(gateway: Gateway, cast: Cast, other: Services) -> None:
    """The next person is rung at once, as ever, and the first one gets a notice and is marked."""
    gateway.network.fault(ADA, failed=True)
    number = report_problem(cast.acme)
    cast.bruno.rings()
    gateway.network.wait(lambda: other.of("ada"), PATIENCE, "Ada's notice, at once")
    assert ("call", "the network could not reach the number") in faults(gateway)
    assert tries(gateway) == [(1, "Ada", "failed"), (1, "Bruno", None)]
    cast.acme.hang_up()
    code = gateway.rows(Page)[0].code
    gateway.network.fault(ADA, failed=False)
    text_and_hear(cast.ada, f"ACK {code}", f"Ticket {number} is yours")
    assert page_states(gateway) == ["accepted"]


def test_a_channel_that_fails_is_followed_by_mail(gateway: Gateway, cast: Cast, other: Services) -> None:
    """Tried again, soon by mail as well, at last marked; no token of it in any log or line."""
    forget_mails(gateway)
    other.status["ada"] = 500
    gateway.network.fail_api(503, None, "/Calls", "POST")
    number = report_problem(cast.acme)
    subject = f"P1 ticket {number}, Acme: you are paged"
    gateway.network.wait(lambda: subject in mails(gateway).get("ada@example.org", []), PATIENCE, "Ada's mail")
    other.status["ada"] = 200
    gateway.network.wait(lambda: other.of("ada"), PATIENCE, "Ada's notice")
    gateway.settle()
    everything = gateway.logs() + " ".join(told(gateway)) + str([vars(row) for row in gateway.rows(Message)])
    assert "s3cret" not in everything
    assert "service did not take it" in gateway.logs()


def test_an_outage_is_told_and_told_to_be_over(gateway: Gateway, cast: Cast, other: Services) -> None:
    """While nothing has got through for a minute, a new page goes elsewhere at once."""
    forget_mails(gateway)
    with gateway.database.transaction() as session:
        bucket = real_now().replace(microsecond=0) - timedelta(seconds=70)
        session.add(ProviderResult(at=bucket, kind="call", result="failed", amount=4))

    def noticed() -> bool:
        with gateway.database.transaction() as session:  # of the test before, told a moment too late
            session.execute(delete(ProviderResult).where(ProviderResult.result == "sent"))
        return bool(gateway.rows(ProviderOutage))

    gateway.network.wait(noticed, PATIENCE, "the outage")
    began = "Nightline: Nothing gets through to the telephone network since"
    gateway.network.wait(lambda: str(mails(gateway)).count(began) == 2, 10, "mails to team leader and manager")
    assert "takes no calls: people are paged by other channels" in requests.get(gateway.url, timeout=10).text
    gateway.network.wait(lambda: other.of("dino"), PATIENCE, "the manager's own channel")
    gateway.network.fail_api(503, None)
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1, other_after=50)
    report_problem(cast.acme)
    gateway.network.wait(lambda: other.of("ada"), PATIENCE, "Ada's notice, at once")
    await_told(gateway, "nothing gets through to the telephone network")
    gateway.network.heal_api()
    cast.ada.rings(PATIENCE)
    gateway.network.wait(lambda: not gateway.rows(ProviderOutage)[0].open, PATIENCE, "the end of the outage")
    with gateway.database.transaction() as session:
        assert open_outage(session) is None
    over = "takes calls and texts again"
    gateway.network.wait(lambda: re.search(over, str(mails(gateway).get("carla@example.org"))), 10, "the mail")
    assert len([s for s in mails(gateway)["carla@example.org"] if "telephone network" in s]) == 2

"""The accountant's sums on examples by hand, so that a mistake of the measure is not taken for a good run."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bench.chaos.audit import Act, held_by, longest_waits
from bench.chaos.collectors import Arrived
from bench.chaos.ledger import Books, Sent, Try, balance, repeats, sent
from bench.chaos.opening import Opened
from bench.chaos.rates import Spell, ahead_of_rate, overlaps
from bench.chaos.reached import first_reached, reports
from simulator.journal import Record

START = datetime(2026, 6, 14, tzinfo=UTC)
ADA = "+393470000001"


def act(seconds: float, who: str, what: str, subject: int, state: str = "", tries: int = 0, **args: Any) -> Act:
    return Act(START + timedelta(seconds=seconds), who, what, subject, state, tries, args or None)


def call(row: int, sid: str = "CA1", at: float = 0.0) -> Sent:
    return Sent("call", row, ADA, "", at, sid)


def text(row: int, body: str = "P1 ticket 1042 Acme", sid: str = "SM1") -> Sent:
    return Sent("text", row, ADA, body, 0.0, sid)


def a_try(call_id: int | None = 7, result: str = "completed", told_by: int | None = 9) -> Try:
    return Try(1, 1042, ADA, 1, "accepted", call_id, result, told_by)


GOOD = Books({1: "accepted"}, (a_try(),), {("call", 7): "ended", ("text", 9): "delivered"})


def test_books_that_agree() -> None:
    account = balance([1], [call(7), text(9)], GOOD)
    assert (account.lost, account.repeats, account.unknown, account.unsent) == ([], [], [], [])


def test_what_never_reached_the_network_is_lost() -> None:
    assert balance([1], [call(7, sid=""), text(9)], GOOD).lost == [
        f"page 1, round 1, {ADA}: call 7 never reached the network"
    ]
    for told in ([text(9, sid="")], [text(8)]):
        assert balance([1], [call(7), *told], GOOD).lost == [f"page 1, round 1, {ADA}: no text told of ticket 1042"]
    without = Books({1: "paging"}, (a_try(told_by=None),), {("call", 7): "ended"})
    assert balance([1], [call(7)], without).lost == [f"page 1, round 1, {ADA}: no text told of ticket 1042"]
    assert balance([1, 2], [call(7), text(9)], GOOD).lost == ["page 2: not in the database"]
    nobody = Books({1: "paging"}, (), {})
    assert balance([1], [], nobody).lost == ["page 1: nobody was tried"]


def test_a_call_that_was_no_longer_wanted_is_not_lost() -> None:
    books = Books({1: "accepted"}, (a_try(result="canceled"),), {("call", 7): "ended", ("text", 9): "sent"})
    assert balance([1], [text(9)], books).lost == []


def test_repeats_strangers_and_what_is_left() -> None:
    asked = [call(7), call(7, "CA2"), call(7, ""), text(9), call(8, "CA3")]
    books = Books({1: "paging"}, (a_try(),), {("call", 7): "ended", ("text", 9): "queued"})
    account = balance([1], asked, books)
    assert (account.repeats, account.unknown, account.unsent) == (["call 7: 2 times"], ["call 8"], ["text 9"])
    assert repeats(asked) == 1


def test_requests_are_read_from_the_networks_journal() -> None:
    def record(path: str, status: int, body: str, **params: str) -> Record:
        given = {name: [value] for name, value in params.items()}
        return Record(
            1, "request", "POST", f"/2010-04-01/Accounts/AC1/{path}.json", given, at=5.0, status=status, body=body
        )

    made = record("Calls", 201, '{"sid": "CA1"}', To=ADA, Url="http://x/ivr/call/7/answered?turn=0")
    refused = record("Calls", 429, "{}", To=ADA, Url="http://x/ivr/call/7/answered?turn=0")
    told = record("Messages", 201, '{"sid": "SM1"}', To=ADA, Body="Hi", StatusCallback="http://x/ivr/messages/9/status")
    moved = record("Calls/CA1", 200, "{}", Url="http://x/ivr/call/7/taken?turn=1")
    found = sent([made, refused, told, moved])
    assert [(one.kind, one.row, one.sid) for one in found] == [("call", 7, "CA1"), ("call", 7, ""), ("text", 9, "SM1")]


def test_a_claim_of_a_killed_worker_waits_until_another_asks_again() -> None:
    killed = {"dead": START + timedelta(seconds=2)}
    done = [
        act(0, "web", "call", 7, "queued"),
        act(1, "dead", "call", 7, "sending", 1),
        act(3, "alive", "call", 7, "sending", 1),  # only looked at
        act(6, "alive", "call", 7, "sending", 2),
        act(7, "alive", "call", 7, "placed", 2),
    ]
    [held] = held_by(killed, done)
    assert (held.work, held.subject, held.seconds) == ("call", "7", 4.0)
    [never] = held_by(killed, done[:3])
    assert never.seconds is None
    assert longest_waits(done) == {"call": 7.0, "text": 0.0}


def test_what_was_over_before_the_kill_was_not_held() -> None:
    killed = {"dead": START + timedelta(seconds=2)}
    sent_already = [act(1, "dead", "call", 7, "sending", 1), act(1.5, "dead", "call", 7, "placed", 1)]
    reported = [act(1, "dead", "text", 9, "sending", 1), act(1.5, "web", "text", 9, "delivered", 1)]
    finished = [act(1, "dead", "job", 3, "doing", task="advance_page", page_id=1), act(1.5, "dead", "job", 3, "done")]
    assert held_by(killed, sent_already + reported + finished) == []


def test_a_job_of_a_killed_worker_waits_until_its_page_goes_on() -> None:
    killed = {"dead": START + timedelta(seconds=2)}
    job: dict[str, Any] = {"task": "advance_page", "page_id": 1}
    taken = act(1, "dead", "job", 3, "doing", **job)
    [held] = held_by(killed, [taken, act(5, "alive", "page", 1), act(9, "alive", "job", 3, "done", **job)])
    assert (held.work, held.seconds) == ("advance_page", 3.0)
    advanced = act(1.5, "dead", "page", 1)
    assert held_by(killed, [taken, advanced, act(9, "alive", "job", 3, "done", **job)]) == []


def test_a_job_whose_row_was_not_claimed_counts_until_the_row_is() -> None:
    killed = {"dead": START + timedelta(seconds=2)}
    queued = act(0, "web", "text", 9, "queued")
    taken = act(1, "dead", "job", 3, "doing", task="send_message", message_id=9)
    [held] = held_by(killed, [queued, taken, act(4.5, "alive", "text", 9, "sending", 1)])
    assert (held.work, held.seconds) == ("text", 2.5)


def test_rates_in_any_window() -> None:
    assert ahead_of_rate([0, 1, 2, 3], 1) == 0
    assert ahead_of_rate([0, 1, 1.75, 3], 1) == 0.25
    assert ahead_of_rate([float(number // 10) for number in range(40)], 10) <= 0
    # Ten at once are one second's worth; the eleventh is early until a tenth of a second has gone by.
    assert abs(ahead_of_rate([0.0] * 11, 10) - 0.1) < 1e-9
    # Slow for long, then two at once: what was not used before is no excuse.
    assert ahead_of_rate([0, 100, 100], 1) == 1.0


def test_calls_to_one_number_at_the_same_time() -> None:
    one, other, later = Spell(ADA, 0, 5), Spell(ADA, 4, 6), Spell(ADA, 6, 9)
    assert overlaps([later, one, other, Spell("+39", 0, 99)]) == [(one, other)]


def test_who_was_reached_first_and_by_what() -> None:
    page = Opened(1, 1, 1042, "region 0", "P1", at=10.0)
    other = Opened(2, 2, 1043, "region 0", "P1", at=10.0)
    hooks = [
        Record(1, "webhook", "POST", "http://x/ivr/call/7/status", {"CallStatus": ["initiated"]}, at=11.0),
        Record(2, "webhook", "POST", "http://x/ivr/call/7/status", {"CallStatus": ["ringing"]}, at=14.0),
        Record(3, "webhook", "POST", "http://x/ivr/messages/9/status", {"MessageStatus": ["sent"]}, at=11.0),
        Record(4, "webhook", "POST", "http://x/ivr/messages/9/status", {"MessageStatus": ["delivered"]}, at=13.0),
    ]
    told = reports(hooks)
    mail = Arrived("mail", "ada", "Subject: ticket 1042", 12.0)
    by_text = first_reached([page, other], {1: [7]}, [text(9)], told, [])
    assert [(one.channel, one.seconds) for one in by_text] == [("text", 3.0), ("nobody", None)]
    assert first_reached([page], {1: [7]}, [text(9)], told, [mail])[0].channel == "mail"
    assert first_reached([page], {1: [7]}, [], told, [])[0].seconds == 4.0

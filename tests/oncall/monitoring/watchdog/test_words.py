"""When something is told of a trouble, and in which words: rules without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.models.operations.troubles import Trouble, TroubleKind
from oncall.monitoring.watchdog.seeing import Finding, Late, Sight, Word, findings, next_word
from oncall.monitoring.watchdog.words import database_notice, trouble_notice

NOW = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATE = Late(7, 1043, "P1", "Harbour Clinic", NOW - 72 * SECOND)
OTHER = Late(8, 1044, "P2", "Acme", NOW - 40 * SECOND)


def trouble(**values: object) -> Trouble:
    return Trouble(**{"kind": "pages", "since": NOW, "seen_at": NOW, "times": 0, "pages": [], **values})


def finding(
    *late: Late, present: bool = True, calm: bool = False, kind: TroubleKind = TroubleKind.PAGES, alive: bool = True
) -> Finding:
    return Finding(kind, present, calm, NOW - 72 * SECOND, late, alive)


@pytest.mark.parametrize(
    ("known", "found", "word"),
    [
        (trouble(), finding(LATE), Word.BEGUN),
        (trouble(claimed_at=NOW - 59 * SECOND), finding(LATE), None),
        (trouble(claimed_at=NOW - 60 * SECOND), finding(LATE), Word.BEGUN),
        (trouble(told_at=NOW - 899 * SECOND, pages=[7]), finding(LATE), None),
        (trouble(told_at=NOW - 900 * SECOND, pages=[7]), finding(LATE), Word.AGAIN),
        (trouble(told_at=NOW - 59 * SECOND, pages=[7]), finding(LATE, OTHER), None),
        (trouble(told_at=NOW - 60 * SECOND, pages=[7]), finding(LATE, OTHER), Word.MORE),
        (trouble(told_at=NOW - 60 * SECOND, pages=[7, 8]), finding(LATE), None),
        (trouble(told_at=NOW, seen_at=NOW - 29 * SECOND), finding(present=False, calm=True), None),
        (trouble(told_at=NOW, seen_at=NOW - 30 * SECOND), finding(present=False, calm=True), Word.OVER),
        (trouble(seen_at=NOW - 30 * SECOND), finding(present=False, calm=True), Word.FORGOTTEN),
        (trouble(told_at=NOW, seen_at=NOW - 90 * SECOND), finding(LATE, present=False), None),
    ],
)
def test_next_word(known: Trouble, found: Finding, word: Word | None) -> None:
    assert next_word(known, found, NOW) is word


@pytest.mark.parametrize(
    ("beat", "watched", "silent", "pages", "workers"),
    [
        (1, 300, 0, "present", "calm"),
        (1, 29, 0, "unclear", "calm"),  # just started: nobody has had time to see to what is overdue
        (300, 20, 20, "unclear", "unclear"),
        (300, 59, 59, "present", "unclear"),
        (300, 60, 60, "present", "present"),
        (None, 60, 60, "present", "present"),
    ],
)
def test_findings(beat: int | None, watched: int, silent: int, pages: str, workers: str) -> None:
    sight = Sight(NOW, None if beat is None else beat * SECOND, (LATE,))
    found = {each.kind: each for each in findings(sight, watched * SECOND, silent * SECOND)}
    said = {kind: "present" if each.present else "calm" if each.calm else "unclear" for kind, each in found.items()}
    assert said == {"pages": pages, "workers": workers, "rosters": "calm"}
    assert found[TroubleKind.PAGES].since == LATE.due_at
    assert found[TroubleKind.WORKERS].since == NOW - max(beat or 0, silent) * SECOND


def notice(word: Word, found: Finding) -> tuple[str, str]:
    told = trouble_notice("key", word, found, NOW, "Europe/Rome", "https://hotline.example.org")
    return told.subject, told.body


def test_one_ticket_is_named_with_since_when_and_what_to_do() -> None:
    subject, body = notice(Word.BEGUN, finding(LATE, alive=False))
    assert subject == "Nightline: ticket 1043 (P1) is not being paged"
    assert "Ticket 1043 (P1, Harbour Clinic): the next person should have been rung" in body
    assert "since Sun 14 Jun 2026, 01:58 CEST (1 min 12 s)" in body
    assert "https://hotline.example.org/rosters" in body
    assert "start the worker processes again" in body
    assert "their logs" in notice(Word.BEGUN, finding(LATE))[1]


def test_many_tickets_are_counted_and_the_oldest_listed() -> None:
    many = [Late(n, 1000 + n, "P2", "Acme", NOW - (100 - n) * SECOND) for n in range(25)]
    subject, body = notice(Word.AGAIN, finding(*many))
    assert subject == "Nightline: 25 tickets are still not being paged"
    assert "1000 (P2, Acme), due 1 min 40 s ago" in body
    assert "1020" not in body
    assert "and 5 more" in body


def test_missing_workers_and_the_end_of_it() -> None:
    subject, body = notice(Word.BEGUN, finding(kind=TroubleKind.WORKERS, alive=False))
    assert subject == "Nightline: no worker is running, nobody is rung"
    assert "No worker has reported since Sun 14 Jun 2026, 01:58 CEST (1 min 12 s)." in body
    over, body = notice(Word.OVER, finding(kind=TroubleKind.WORKERS))
    assert over == "Nightline: workers are running again"
    assert "What to do" not in body
    assert notice(Word.OVER, finding())[0] == "Nightline: all tickets are being paged again"


def test_the_database() -> None:
    gone = database_notice("key", NOW - 72 * SECOND, NOW, over=False, zone="Europe/Rome", machine="desk")
    assert gone.subject == "Nightline: the database is away, the hotline goes on"
    assert "since Sun 14 Jun 2026, 01:58 CEST (1 min 12 s), says desk" in gone.body
    back = database_notice("key", NOW - 72 * SECOND, NOW, over=True, zone="Europe/Rome", machine="desk")
    assert "It had been away since" in back.body

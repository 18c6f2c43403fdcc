"""What those in charge read when the service is in trouble: what, since when, what to do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from oncall.models.operations.troubles import TroubleKind
from oncall.monitoring.alerting import Notice
from oncall.monitoring.watchdog.seeing import Bad, Finding, Late, Word
from oncall.tickets.interventions import duration
from schedules.wall_clock import written_time

_SHOWN: Final = 20
_REPEATED: Final = "This is told every 15 minutes while it lasts, and once more when it is over."


def trouble_notice(key: str, word: Word, finding: Finding, now: datetime, zone: str, public_url: str) -> Notice:
    """The mail about overdue pages, missing workers or bad rosters, times on the clock of `zone`."""
    lasted = f"since {written_time(finding.since, zone)} ({_length(now - finding.since)})"
    if finding.kind == TroubleKind.ROSTERS:
        return Notice(*_rosters(word, finding, lasted, public_url), key)
    if finding.kind == TroubleKind.WORKERS:
        subject, lines = _workers(word, lasted)
    else:
        subject, lines = _pages(word, finding, now, lasted)
    if word is not Word.OVER:
        lines += ["", *_what_to_do(finding.alive, public_url), "", _REPEATED]
    return Notice(subject, "\n".join([*lines, ""]), key)


def _workers(word: Word, lasted: str) -> tuple[str, list[str]]:
    if word is Word.OVER:
        return "Nightline: workers are running again", ["Workers are running again. Calls, texts and mails go out."]
    still = "still " if word is Word.AGAIN else ""
    return f"Nightline: {still}no worker is running, nobody is rung", [
        f"No worker has reported {lasted}.",
        "The hotline takes calls and opens tickets, but nobody is rung, texted or mailed.",
    ]


def _rosters(word: Word, finding: Finding, lasted: str, public_url: str) -> tuple[str, str]:
    if word is Word.OVER:
        return "Nightline: all rosters can be worked out again", "People are rung by all rosters again.\n"
    names = ", ".join(each.name for each in finding.bad[:_SHOWN])
    one = len(finding.bad) == 1
    subject = f"Nightline: the roster {names} can't be worked out" if one else "Nightline: rosters can't be worked out"
    lines = [
        "Nobody is rung by " + ("this roster" if one else "these rosters") + f", {lasted}:",
        "",
        *(f"  {each.name}: {each.reason}" for each in finding.bad[:_SHOWN]),
        "",
        "Callers are put through all the same: to the people of other rosters, then to leaders and managers.",
        "",
        "What to do:",
        *(f"{place}. {step}" for place, step in enumerate(_mending(finding.bad, public_url), start=1)),
        "",
        "This is told once, and once more when it is over.",
        "",
    ]
    return subject, "\n".join(lines)


def _mending(bad: Sequence[Bad], public_url: str) -> list[str]:
    pages = " ".join(f"{public_url}/rosters/{each.roster_id}" for each in bad[:_SHOWN])
    return [
        f"Correct it on its page, under Layers: {pages}",
        "Or correct the directory file, and load it with `flask load FILE`. `flask check` says whether all is well.",
    ]


def _pages(word: Word, finding: Finding, now: datetime, lasted: str) -> tuple[str, list[str]]:
    if word is Word.OVER:
        return "Nightline: all tickets are being paged again", ["No page is overdue any more."]
    still = "still " if word is Word.AGAIN else ""
    if len(finding.late) == 1:
        late = finding.late[0]
        return f"Nightline: ticket {late.number} ({late.priority}) is {still}not being paged", [
            f"Ticket {late.number} ({late.priority}, {late.customer}): the next person should have been rung",
            f"{lasted}.",
        ]
    return f"Nightline: {len(finding.late)} tickets are {still}not being paged", [
        "For these tickets the next person should have been rung:",
        "",
        *_lines(finding.late, now),
    ]


def _lines(late: Sequence[Late], now: datetime) -> list[str]:
    shown = [
        f"  {each.number} ({each.priority}, {each.customer}), due {_length(now - each.due_at)} ago"
        for each in late[:_SHOWN]
    ]
    rest = len(late) - len(shown)
    return [*shown, f"  and {rest} more"] if rest else shown


def _what_to_do(alive: bool, public_url: str) -> list[str]:
    if alive:
        cause = "Workers are running, but don't keep up or fail: their logs, and"
        remedy = f"{cause} {public_url}/readyz, say more. Starting them again does no harm."
    else:
        remedy = "No worker is running: start the worker processes again. They carry on where the last ones stopped."
    return [
        "What to do:",
        f"1. Ring the people on call yourself; {public_url}/rosters says who they are.",
        f"2. {remedy}",
    ]


def database_notice(key: str, since: datetime, now: datetime, over: bool, zone: str, machine: str) -> Notice:
    """The mail of one machine about a database that does not answer, or does so again."""
    lasted = f"since {written_time(since, zone)} ({_length(now - since)})"
    if over:
        words = f"The database answers again on {machine}. It had been away {lasted}."
        rest = "What happened meanwhile is being brought in: tickets appear within seconds."
        return Notice("Nightline: the database is back", f"{words}\n{rest}\n", key)
    lines = [
        f"The database is away {lasted}, says {machine}. The hotline goes on from",
        "its snapshot: callers prove themselves with their PIN and are put through to the people on call.",
        "",
        "Missing until it is back: texts, ticket numbers, the technician menu and the pages. Tickets opened before are",
        "not paged on: think of those that nobody had accepted.",
        "",
        "What to do: see that PostgreSQL runs and can be reached from this machine.",
        "",
        _REPEATED,
        "",
    ]
    return Notice("Nightline: the database is away, the hotline goes on", "\n".join(lines), key)


def _length(span: timedelta) -> str:
    return duration(max(0.0, span.total_seconds()))

"""The preview of an import: whose a night is, chosen in place; what would be removed; and decisions about both."""

import html
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.db import Database
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterOverride
from oncall.planning.imports import words as import_words
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.console.rosters.test_imports import PATH, TWO, calendar, event, fields, look, press, words, written
from tests.web.signing_in import BROWSER

NAMED = "X-WR-CALNAME:Nights of the field team\r\n"


def questions(page: str) -> list[str]:
    """The names of the fields in which a person is chosen."""
    return re.findall(r'<select id="(who-\w+)"', page)


def days(database: Database) -> list[tuple[int, int | None]]:
    with database.transaction() as session:
        rows = session.scalars(select(RosterOverride).order_by(RosterOverride.span)).all()
        return [(row.span.lower.day, row.person_id) for row in rows if row.span.lower]


def test_what_the_calendar_lost_is_shown_and_removed(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    press(mara, look(mara, TWO))
    shown = look(mara, calendar(event(3)))
    text = words(shown)
    assert "Nothing would be added to first. 1 shift would be removed." in text
    assert "Would be removed 1" in text
    assert (
        "Dino Bianchi Fri 5 Jun 2026, 18:00 CEST to Sat 6 Jun 2026, 08:00 CEST. It is not in the calendar any more"
        in text
    )
    assert "Remove this shift" in text
    assert len(written(database)) == 2
    assert press(mara, shown).status_code == 303
    assert days(database) == [(3, people["Carla"])]
    with database.transaction() as session:
        told = session.scalars(select(RosterChange.words).order_by(RosterChange.id.desc())).first()
    assert told == "Removed 1 shift from first that duty.ics does not have any more"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("STATUS:CANCELLED\r\n", "The calendar has cancelled it."),
        ("ATTENDEE;CN=Dino Bianchi;PARTSTAT=DECLINED:mailto:dino@example.org\r\n", "Dino Bianchi has declined it."),
    ],
)
def test_why_it_would_be_removed_is_said(mara: Clerk, more: str, why: str) -> None:
    press(mara, look(mara, TWO))
    text = words(look(mara, calendar(event(3), event(5, "Dino Bianchi", more))))
    assert "Would be removed 1" in text
    assert why in text
    assert "merely not in the file" not in text  # nothing to be decided about it


def test_a_declined_night_says_that_nobody_else_is_invited(mara: Clerk) -> None:
    declined = "ATTENDEE;CN=Dino Bianchi;PARTSTAT=DECLINED:mailto:dino@example.org\r\n"
    shown = look(mara, calendar(event(3), event(5, "Dino Bianchi", declined)))
    assert "Dino Bianchi has declined, and nobody else is invited. Choose who takes it" in words(shown)
    assert "1 shift would be added" in words(shown)
    assert len(questions(shown.text)) == 1


def test_the_person_is_chosen_in_place(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    unknown = calendar(event(3, "Nora"), event(5, "Nora"), event(7, "Zoe"), event(9))
    shown = look(mara, unknown)
    text = words(shown)
    assert "Whose are these? 2" in text
    assert "Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 08:00 CEST; Fri 5 Jun" in text
    assert "lines 2, 8" in text
    nora, zoe = questions(shown.text)
    assert press(mara, shown, **{nora: str(people["Dino"]), zoe: ""}).status_code == 303
    assert days(database) == [(3, people["Dino"]), (5, people["Dino"]), (9, people["Carla"])]
    again = look(mara, unknown)
    assert re.search(rf'<option value="{people["Dino"]}" selected>Dino Bianchi', again.text)
    assert "There already 3" in words(again)


def test_choices_can_be_looked_at_before_they_are_written(
    database: Database, mara: Clerk, people: dict[str, int]
) -> None:
    shown = look(mara, calendar(event(3, "Nora")))
    assert "Import what was chosen" in words(shown)
    [nora] = questions(shown.text)
    chosen = fields(shown.text) | {nora: str(people["Dino"])}
    again = mara.client.post(PATH, data=chosen, headers=BROWSER)
    assert "1 shift would be added to first." in words(again)
    assert "Import this shift" in words(again)
    assert f'<option value="{people["Dino"]}" selected>' in again.text
    assert written(database) == []
    press(mara, again, **{nora: str(people["Dino"])})
    assert len(written(database)) == 1


def test_a_gap_that_a_choice_opens_is_asked_about(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    span = {"start": "2026-06-03T18:00", "end": "2026-06-04T18:00"}
    mara.send("POST", "/rosters/1/time-off", person_id=people["Dino"], **span)
    shown = look(mara, calendar(event(3, "Nora")))
    [nora] = questions(shown.text)
    choice = {nora: str(people["Dino"])}
    refused = press(mara, shown, **choice, accept_gaps="yes")  # no gap was shown yet
    assert refused.status_code == 409
    assert "Nobody would be on call in europe" in words(refused)
    assert f'<option value="{people["Dino"]}" selected>' in refused.text
    assert written(database) == []
    assert press(mara, refused, **choice, accept_gaps="yes").status_code == 303
    assert len(written(database)) == 1


def test_nothing_chosen_is_said(database: Database, mara: Clerk) -> None:
    shown = look(mara, calendar(event(3, "Nora")))
    answer = press(mara, shown)
    assert answer.status_code == 409
    assert "There is nothing to import so far: choose whose the shifts are." in words(answer)
    assert questions(answer.text) == questions(shown.text)
    assert written(database) == []


@pytest.mark.parametrize("value", ["0", "-1", "999", "x", "9" * 30, "１"])
def test_a_choice_that_is_nobody_is_no_choice(database: Database, mara: Clerk, value: str) -> None:
    shown = look(mara, calendar(event(3, "Nora"), event(5)))
    [nora] = questions(shown.text)
    assert press(mara, shown, **{nora: value}).status_code == 303
    assert len(written(database)) == 1


def test_what_is_merely_not_in_the_file_may_stay(database: Database, mara: Clerk) -> None:
    press(mara, look(mara, calendar(event(3), event(5), event(9))))
    shown = look(mara, calendar(event(3), event(7), event(9)))
    assert "Keep those that are merely not in the file" in words(shown)
    assert press(mara, shown, keep="yes").status_code == 303
    assert [day for day, _ in days(database)] == [3, 5, 7, 9]


def test_what_the_file_need_not_know_goes_only_if_asked(database: Database, mara: Clerk) -> None:
    head = calendar().replace("END:VCALENDAR\r\n", NAMED)
    press(mara, look(mara, f"{head}{event(3)}{event(5)}END:VCALENDAR\r\n"))
    later = f"{head}{event(3).replace('202606', '202607')}END:VCALENDAR\r\n".replace("UID:3", "UID:july")
    shown = look(mara, later)
    assert "Not in this file 2" in words(shown)
    assert "Remove these, too." in words(shown)
    assert "1 shift would be added to first. Nothing is written yet." in words(shown)
    press(mara, shown, also="yes")
    assert [day for day, _ in days(database)] == [3]


def test_titles_from_elsewhere_are_only_shown(mara: Clerk) -> None:
    page = look(mara, calendar(event(3, '<b title="x">')))
    assert "<b title" not in page.text
    assert html.escape('<b title="x">', quote=True).replace("&quot;", "&#34;") in page.text


def nights(number: int) -> str:
    """So many nights in a row, each of somebody else who is not known here."""
    starts = (date(2026, 6, 3) + timedelta(days=each) for each in range(number))
    written_days = ((f"{start:%Y%m%d}", f"{start + timedelta(days=1):%Y%m%d}") for start in starts)
    return calendar(
        *(
            f"BEGIN:VEVENT\r\nUID:{start}\r\nSUMMARY:Nora {start}\r\n"
            f"DTSTART:{start}T180000\r\nDTEND:{end}T080000\r\nEND:VEVENT\r\n"
            for start, end in written_days
        )
    )


def test_a_file_full_of_questions_asks_them_all(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    shown = look(mara, nights(60))
    asked = questions(shown.text)
    assert len(set(asked)) == 60
    assert press(mara, shown, **dict.fromkeys(asked, str(people["Dino"])), accept_gaps="yes").status_code == 303
    assert [person for _, person in days(database)] == [people["Dino"]] * 60


def test_where_they_are_too_many_for_a_page_all_are_asked_in_turn(
    database: Database, mara: Clerk, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are answered, others left out on purpose; what was answered on an earlier page is not lost."""
    monkeypatch.setattr(import_words, "_CHOICES_AT_MOST", 0)
    monkeypatch.setattr(import_words, "_QUESTIONS_AT_LEAST", 20)
    page, all_chosen = look(mara, nights(50)), dict[str, str]()
    for told in ("30 more questions when these are answered", "10 more questions when these are answered", ""):
        asked = questions(page.text)
        assert len(asked) == 20
        assert told in words(page)
        new = [name for name in asked if name not in all_chosen]
        all_chosen |= {name: str(people["Dino"] if place % 2 else "") for place, name in enumerate(new)}
        chosen = hidden(page.text) | {name: all_chosen[name] for name in asked}
        page = mara.client.post(PATH, data=fields(page.text) | chosen, headers=BROWSER)
        assert page.status_code == 200
    assert len(all_chosen) == 50
    assert "more questions" not in words(page)
    chosen = hidden(page.text) | {name: all_chosen[name] for name in questions(page.text)}
    assert chosen == all_chosen
    assert press(mara, page, **chosen, accept_gaps="yes").status_code == 303
    assert [person for _, person in days(database)] == [people["Dino"]] * 25


def hidden(page: str) -> dict[str, str]:
    """What was chosen in questions that the page does not show."""
    return dict(re.findall(r'<input type="hidden" name="(who-\w+)" value="(\d*)" form="import">', page))

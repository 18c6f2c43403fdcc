"""Nothing of a draft is in force: whoever asks who is on call never hears of it, until it is published."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.messages import Message
from oncall.models.stored_settings import ROSTERS_VERSION, Setting
from oncall.paging.what_if import what_if_region
from oncall.planning.editing import Author, open_gaps
from oncall.planning.feeds.addresses import Subject, make_feed
from oncall.planning.feeds.ical import calendar
from oncall.planning.handoffs import watch_handoffs
from oncall.planning.nightly_gaps import gap_mail, gaps_csv
from oncall.planning.plans import edits
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.views.board import read_board
from oncall.planning.views.figures import figures
from oncall.rosters.on_call import chain, on_call
from oncall.rosters.reading import SHELF, load_rosters
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.draft_desk import begin, change, force, rotation

AT = HANDOFF + DAY + HOUR


def seen(session: Session, desk: Desk) -> dict[str, Any]:
    """Everything that anybody is told of the roster, from the queries that ring people to those that only show."""
    board = read_board(session, desk.roster_id, NOW, NOW + 2 * WEEK)
    feed, _ = make_feed(session, Subject(roster_id=desk.roster_id), "mara@example.org", NOW)
    gaps = open_gaps(session, NOW)
    return {
        "chain": [(link.person.name, link.source) for link in chain(session, "europe", AT)],
        "command": [(layer.layer, [each.name for each in layer.people]) for layer in on_call(session, AT)[0].layers],
        "rosters": load_rosters(session, NOW, NOW + 2 * WEEK),
        "shelf": SHELF.rosters_at(session, AT),
        "what if": what_if_region(session, "europe", AT),
        "gaps": gaps,
        "gap mail": (gap_mail(session, gaps, "https://hotline.example.org"), gaps_csv(session, gaps)),
        "feed": calendar(session, feed, NOW),
        "board": (board.layers, board.gaps, board.last_change),
        "figures": figures(session, desk.roster_id, NOW, NOW + 2 * WEEK),
        "version": session.scalar(select(Setting.value).where(Setting.name == ROSTERS_VERSION)),
    }


def draft(desk: Desk, author: Author) -> int:
    """Everything else than the live roster: other people, a layer on top, an hour without anybody."""
    people, number = desk.people, begin(desk, author)
    for edit, args in (
        (edits.change_layer, (desk.layer_id, LayerWish("erste", [rotation(people["Dino"])]))),
        (edits.add_override, (desk.layer_id, OverrideRequest(span(DAY, DAY), None))),
        (edits.add_layer, (LayerWish("night", []),)),
    ):
        change(desk, author, number, edit, *args)
    return number


def test_nobody_sees_it_until_it_is_in_force(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        before = seen(session, desk)
    number = draft(desk, manager)
    with desk.database.transaction() as session:
        assert seen(session, desk) == before
    force(desk, Author("Mara Manager", NOW, accepts_gaps=True), number)
    with desk.database.transaction() as session:
        after = seen(session, desk)
    assert {name for name, told in before.items() if after[name] == told} == set(), "or the test would show nothing"


def test_nobody_is_told_of_its_handoffs(desk: Desk, manager: Author) -> None:
    """Dino would come on at the first handoff in the draft; it is Ada who does."""
    draft(desk, manager)
    with desk.database.transaction() as session:
        watch_handoffs(session, HANDOFF - HOUR)
    with desk.database.transaction() as session:
        texts = session.scalars(select(Message).where(Message.channel == "text"))
        assert [text.recipient for text in texts] == [desk.person(session, "Ada").phone]

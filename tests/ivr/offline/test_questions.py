"""Calls that were in the middle when the database went: keys mean what they meant in the question that was asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.settings import Settings
from ivr.dialogue.hung_up import next_key
from ivr.offline import prompts
from ivr.offline.answering import Run
from ivr.offline.away import AwayTalk
from ivr.offline.carried import Carried, carried_by, opened, sealed
from ivr.offline.taking_over import take_over
from ivr.prompts import line_ended
from ivr.useless import MOST_WRONG_KEYS
from oncall.models.call_memo import CallMemo
from oncall.models.calls import PhoneCall
from oncall.outage.snapshot import KeptPerson, KeptRegion, Snapshot, Span
from oncall.sla.paging_times import PagingTimes
from tests.conftest import SUNDAY_NIGHT

SID, CALLER, ADA, BRUNO = "CA" + "1" * 32, "+390212345678", "+390584000001", "+390584000002"
SNAPSHOT = Snapshot(
    taken_at=datetime(2026, 6, 14, tzinfo=UTC),
    versions="",
    people=(
        KeptPerson(1, "Ada Rossi", ADA, "technician", True),
        KeptPerson(2, "Bruno Verdi", BRUNO, "technician", True),
    ),
    contracts=(),
    phones=(),
    blocked=(),
    regions=(KeptRegion("europe", "Europe/Rome", None),),
    spans={"europe": (Span(datetime(2026, 1, 1, tzinfo=UTC), ((1, "first"), (2, "second"))),)},
    times=PagingTimes(),
)


class Desk:
    """Answers as `ivr.offline.answering.AwayDesk` does, with a snapshot in memory; it keeps the last step."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.runtime = settings, self
        self.step: AwayTalk

    def outage(self) -> str:
        return ""

    def answer(
        self,
        carried: Carried,
        run: Run,
        form: dict[str, str],
        args: dict[str, str],
        reported: str,
        question: str | None,
    ) -> str:
        self.step = AwayTalk(self.settings, SNAPSHOT, carried, form, args, reported, SUNDAY_NIGHT)
        return str(run(self.step))

    def facts(self) -> list[str]:
        return [fact.kind for fact in self.step.facts]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Settings(var_dir=tmp_path, default_region="europe"))


def press(desk: Desk, name: str, keys: str, **carried: object) -> str:
    """The answer to keys (empty: silence) at this step of an ordinary call about a ticket."""
    known = replace(Carried(sid=SID, call=7, ticket=3, number=1042), **carried)  # type: ignore[arg-type]
    form: dict[str, str] = {"CallSid": SID, "From": CALLER, "Direction": "inbound"} | ({"Digits": keys} if keys else {})
    args: Mapping[str, str] = {"turn": "4", "s": sealed(desk.settings, known)} | ({} if keys else {"silent": "1"})
    return take_over(desk, 7, name, form, args)  # type: ignore[arg-type]


# --- a number that was read back ---


def test_what_was_read_back_is_carried(desk: Desk) -> None:
    call = PhoneCall(id=7, sid=SID, memo=CallMemo(read_back=True, left_by=1))
    found = opened(desk.settings, sealed(desk.settings, carried_by(call)))
    assert found is not None
    assert (found.read_back, found.left_by) == (True, 1)
    call.memo = CallMemo()
    assert not carried_by(call).read_back


@pytest.mark.parametrize("left_by", [None, 1])
@pytest.mark.parametrize("keys", ["", "1", "7", "#"])
def test_a_number_that_is_not_called_wrong_counts(desk: Desk, keys: str, left_by: int | None) -> None:
    said = press(desk, "callback", keys, read_back=True, left_by=left_by)
    assert prompts.CALL_BACK_KEPT in said
    assert "number_wrong" not in desk.facts()
    assert "callback" not in desk.facts(), "1 was no offer there"


def test_a_wrong_number_goes_on_with_the_search(desk: Desk) -> None:
    said = press(desk, "callback", "2", read_back=True)
    assert ADA in said
    assert desk.facts() == ["offline", "number_wrong", "ringing"]
    assert not desk.step.carried.read_back


def test_a_wrong_number_after_a_conversation_asks_what_comes_next(desk: Desk) -> None:
    said = press(desk, "callback", "2", read_back=True, left_by=1)
    assert line_ended.WHAT_NEXT in said
    assert "<Number" not in said
    assert desk.facts() == ["offline", "number_wrong"]


def test_the_question_itself_is_answered_as_before(desk: Desk) -> None:
    assert prompts.CALL_BACK_KEPT in press(desk, "callback", "1#")
    assert "callback" in desk.facts()


# --- a caller who was joined again ---


@pytest.mark.parametrize("name", ["left", "room"])
def test_who_was_joined_again_is_asked_first(desk: Desk, name: str) -> None:
    """They have talked: nobody is rung unless they say so."""
    said = press(desk, name, "", left_by=1, room=5)
    assert line_ended.HUNG_UP in said
    assert "<Number" not in said
    assert desk.step.carried.left_by == 1


@pytest.mark.parametrize("name", ["left", "room", "wait"])
def test_who_has_not_talked_is_put_through(desk: Desk, name: str) -> None:
    assert ADA in press(desk, name, "", room=5)


@pytest.mark.parametrize("name", ["wait", "handed"])
def test_who_is_put_through_to_anybody_is_no_longer_with_one(desk: Desk, name: str) -> None:
    """Else an answer in vain would end their search."""
    assert ADA in press(desk, name, "", left_by=1)
    assert desk.step.carried.left_by is None


# --- only wrong keys ---


@pytest.mark.parametrize("answers", [["7"] * (MOST_WRONG_KEYS + 1), ["7", ""], ["#", "*", ""]])
def test_wrong_keys_are_not_told_as_silence(desk: Desk, answers: list[str]) -> None:
    carried = Carried(sid=SID, call=7, ticket=3, left_by=1)
    for keys in answers:
        args = {} if keys else {"silent": "1"}
        said = desk.answer(carried, next_key, {"Digits": keys}, args, CALLER, None)
        carried = desk.step.carried
    assert prompts.WRONG_KEYS_GOODBYE in said
    assert desk.step.facts[-1].more["wrong_keys"]


def test_silence_is_told_as_silence(desk: Desk) -> None:
    said = press(desk, "next_key", "", left_by=1)
    assert prompts.SILENT_GOODBYE in said
    assert "wrong_keys" not in desk.step.facts[-1].more

"""What is asked before a change of rosters is saved, as JSON."""

from typing import Any

from oncall.rosters.errors import AskFirstError, Choice, Question
from schedules.wall_clock import exact_wall_time
from web.console.rosters import board_json

Json = dict[str, Any]


def asked(error: AskFirstError, zone: str) -> Json:
    """`questions`, each with the `key` that says yes to it, the list behind it, and better choices."""
    return {
        "confirm": True,
        "gaps": board_json.gaps_in_utc(error.gaps),
        "questions": [_question(each, zone) for each in error.questions],
    }


def _question(question: Question, zone: str) -> Json:
    return {
        "key": question.key,
        "kind": question.asks.value,
        "words": question.words,
        "lines": list(question.lines),
        "choices": [_choice(each, zone) for each in question.choices],
    }


def _choice(choice: Choice, zone: str) -> Json:
    """`change`: what to send in the place of the same keys; or `instead`: where to send an empty body."""
    change: Json = {}
    if choice.person_id is not None:
        change["person_id"] = choice.person_id
    if choice.start is not None:
        change["start"] = exact_wall_time(choice.start, zone)
    if choice.rotations:
        change["rotations"] = [board_json.rotation(each) for each in choice.rotations]
    return {"words": choice.words, "change": change, "instead": choice.instead or None}

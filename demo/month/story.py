"""Reads the story of the month from `story.yaml`."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter

from demo.month import script
from demo.month.script import Act, After, Beginning, Story

STORY: Final = Path(__file__).with_name("story.yaml")

_BEGINNINGS: Final[Mapping[str, type[Any]]] = {
    "call": script.Call,
    "message": script.Message,
    "by hand": script.ByHand,
    "turned away": script.TurnedAway,
}
_ACTS: Final[Mapping[str, type[Any]]] = {
    "take": script.Take,
    "note": script.Note,
    "work": script.Work,
    "wait": script.Wait,
    "resume": script.Resume,
    "change": script.Change,
    "hand over": script.HandOver,
    "called again": script.CalledAgain,
    "merge": script.Merge,
    "close": script.Close,
    "reopen": script.Reopen,
}
_READERS: Final = {name: TypeAdapter(kind) for name, kind in {**_BEGINNINGS, **_ACTS}.items()}


def read_stories(text: str | None = None) -> tuple[Story, ...]:
    """All stories of `text` (those that ship for None), the oldest first. Raises ValueError for what makes no sense."""
    entries = yaml.safe_load(STORY.read_text(encoding="utf-8") if text is None else text)
    return tuple(_story(dict(entry)) for entry in entries)


def _story(entry: dict[str, Any]) -> Story:
    beginning: Beginning = _one_of(_BEGINNINGS, entry)
    then = tuple(_after(dict(each)) for each in entry.pop("then", ()))
    return Story(**entry, beginning=beginning, then=then)


def _after(entry: dict[str, Any]) -> After:
    act: Act = _one_of(_ACTS, entry)
    return After(minutes=entry.pop("after"), act=act, **entry)


def _one_of(kinds: Mapping[str, type[Any]], entry: dict[str, Any]) -> Any:
    """What the entry tells, taken out of it. Words alone stand for the one thing that such an act tells."""
    name = next((name for name in kinds if name in entry), None)
    if name is None:
        raise ValueError(f"{entry} has none of {', '.join(kinds)}")
    told, known = entry.pop(name), [each.name for each in fields(kinds[name])]
    if isinstance(told, str):
        told = {known[0]: told}
    unknown = told.keys() - set(known)
    if unknown:
        raise ValueError(f"{name} tells {', '.join(known)}, and not {', '.join(sorted(unknown))}")
    return _READERS[name].validate_python(told)

"""What loading a directory changed, in lines for people."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from schedules.wall_clock import written_day


class Changes:
    """Collects one line a change. Secrets are named, never shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, subject: str, words: str) -> None:
        self.lines.append(f"{subject}: {words}")

    def update(self, subject: str, row: Any, wanted: Mapping[str, Any]) -> None:
        """Set the attributes of `row` that differ from what is wanted."""
        for attribute, value in wanted.items():
            before = getattr(row, attribute)
            if before != value:
                setattr(row, attribute, value)
                label = attribute.removesuffix("_name").replace("_", " ")
                self.note(subject, f"{label} {shown(before)} → {shown(value)}")

    def members(self, subject: str, kind: str, before: set[str], after: set[str]) -> None:
        """Say what went from a set and what came to it."""
        for gone in sorted(before - after):
            self.note(subject, f"{kind} {gone} removed")
        for come in sorted(after - before):
            self.note(subject, f"{kind} {come} added")


def shown(value: object) -> str:
    """A value as people write it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case date():
            return written_day(value)
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)

"""What may stand in a directory file only once."""

from collections.abc import Hashable

from oncall.directory.cursor import Cursor


class Claims:
    """Remembers where each name, number and PIN stood first."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, Hashable], int] = {}

    def claim(self, cursor: Cursor, kind: str, value: Hashable, shown: str | None = None) -> None:
        """Raises DirectoryError when the value was claimed before. `shown` is None for what must not be repeated."""
        if (kind, value) in self._lines:
            words = f"this {kind}" if shown is None else f"the {kind} {shown!r}"
            cursor.fail(f"{words} is in line {self._lines[kind, value]} already", "each may be there once")
        self._lines[kind, value] = cursor.line

    def name(self, cursor: Cursor, kind: str) -> str:
        """A name that is claimed; capitals don't tell two names apart to a listener."""
        name = cursor.text()
        self.claim(cursor, kind, name.casefold(), name)
        return name

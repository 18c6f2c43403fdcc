"""Screens on which pages are tried, in pixels."""

from typing import Final, TypeAlias

Size: TypeAlias = tuple[int, int]
WIDE: Final[Size] = (1280, 860)
NARROW: Final[Size] = (390, 844)
SMALL: Final[Size] = (360, 640)

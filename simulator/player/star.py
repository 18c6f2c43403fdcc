"""The `*` key of a Dial with hangupOnStar."""

import asyncio


class Star:
    def __init__(self) -> None:
        self.pressed = asyncio.Event()

    def key(self, key: str) -> bool:
        if key == "*":
            self.pressed.set()
        return key == "*"

    def speech(self, text: str, seconds: float) -> None:
        """Words do not end a Dial."""

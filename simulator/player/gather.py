"""Gather: keys, or words, typed or spoken over a prompt."""

import asyncio
import itertools

from simulator.identity import Params
from simulator.pace import Pace
from simulator.player.core import Player, Step
from simulator.tasks import first, stop
from simulator.twiml import Verb

SPEECH_PAUSE = 1.0  # call seconds of silence after which a sentence is over
KEYS = "0123456789*#"
_ids = itertools.count(1)


class Ear:
    """Collects keys and words until the Gather has what it wants. `prompt` is what it says meanwhile."""

    def __init__(self, verb: Verb) -> None:
        self.id = next(_ids)
        self.prompt = " ".join(each.text for each in verb.children if each.name == "Say")
        kinds = verb.get("input", "dtmf").split()
        self.wants_keys, self.wants_words = "dtmf" in kinds, "speech" in kinds
        self.finish = verb.get("finishOnKey", "#")
        self.most = int(verb.number("numDigits", 0, 1)) or None
        self.digits = ""
        self.finish_key = ""
        self.words: list[str] = []
        self.talking_for = 0.0
        self.complete = False
        self.touched = asyncio.Event()

    def key(self, key: str) -> bool:
        if not self.wants_keys or self.complete or self.words:
            return False
        if key in self.finish:
            self.finish_key, self.complete = key, True
        else:
            self.digits += key
            self.complete = len(self.digits) == self.most
        self.touched.set()
        return True

    def speech(self, text: str, seconds: float) -> None:
        if self.wants_words and not self.complete and not self.digits:
            self.words.append(text)
            self.talking_for = seconds
            self.touched.set()

    async def collect(self, pace: Pace, timeout: float) -> None:
        """Returns once complete, or after `timeout` seconds of silence; every key or word starts that time anew."""
        while not self.complete:
            patience = self.talking_for + SPEECH_PAUSE if self.words else timeout
            self.touched.clear()
            index, _ = await first(self.touched.wait(), pace.sleep(patience))
            if index == 1:
                return

    def result(self) -> Params | None:
        """The parameters of the action's request, None when nothing came in."""
        if self.words:
            return (("SpeechResult", " ".join(self.words)), ("Confidence", "0.9"))
        if self.digits:
            return (("Digits", self.digits), ("FinishedOnKey", self.finish_key), ("msg", "Gather End"))
        return None


async def gather(player: Player, verb: Verb) -> Step:
    ear = Ear(verb)
    _check(verb, ear)
    timeout = verb.number("timeout", 5)
    with player.call.heard_by(ear):
        player.exchange.changed(player.call.phone)
        await _prompt(player, verb, ear)
        await ear.collect(player.exchange.pace, timeout)
    player.exchange.changed(player.call.phone)
    result = ear.result()
    if result is None and verb.flag("actionOnEmptyResult"):
        result = (("Digits", ""), ("FinishedOnKey", ear.finish_key), ("msg", "Gather End"))
    return None if result is None else player.action(verb, result, default=True)


async def _prompt(player: Player, verb: Verb, ear: Ear) -> None:
    """Plays the nested verbs until they are over or somebody types over them."""
    prompt = asyncio.ensure_future(player.play(verb.children))
    touched = asyncio.ensure_future(ear.touched.wait())
    try:
        waits = {prompt, touched} if verb.flag("bargeIn", True) else {prompt}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if prompt.done():
            prompt.result()
    finally:
        await stop(prompt, touched)


def _check(verb: Verb, ear: Ear) -> None:
    if not (ear.wants_keys or ear.wants_words):
        verb.problems.append(f"Gather input={verb.get('input')!r} is neither dtmf nor speech")
        ear.wants_keys = True
    if set(ear.finish) - set(KEYS):
        verb.problems.append(f"Gather finishOnKey={ear.finish!r} has characters that are no keys")

"""What a listener waits for, as the page offers it: the PIN of the phone's note, and the keys that the prompt names."""

import re
from dataclasses import dataclass
from typing import Any

from simulator.network.calls import Listener
from simulator.player.gather import Ear
from simulator.player.record import Take
from simulator.player.star import Star

_NAMES = {"zero": "0", "star": "*", "hash": "#", "pound": "#"}
_KEY = rf"[0-9]|{'|'.join(_NAMES)}"
_SENTENCE = re.compile(r"[^.!?]+")
# "press 2", "press zero, then hash", "press 1 to accept": not the hash that ends what somebody types.
_PRESS = re.compile(
    rf"(?<!then )\bpress (?P<key>{_KEY})\b(?P<hash>,? then (?:press )?hash)?(?: (?:to|for) (?P<words>[^,;:]+))?",
    re.IGNORECASE,
)
# What follows in a list: "press 1 to accept, 2 to pass it on".
_NEXT = re.compile(rf",(?: and| or)? (?P<key>{_KEY}) (?:to|for) (?P<words>[^,;:]+)", re.IGNORECASE)
_BEFORE = re.compile(r"^(?:to|if|for|when|or|on|please)\b\s*(?:you are an? )?", re.IGNORECASE)
_PIN = re.compile(r"\bPINs?\b")


@dataclass(frozen=True)
class Offer:
    """Keys to press one after the other, and what they are for; `words` is empty when that is not said."""

    keys: str
    words: str = ""


def offers(prompt: str) -> list[Offer]:
    """The keys that a prompt names, in the order in which it names them, each once."""
    found: dict[str, Offer] = {}
    for sentence in _SENTENCE.findall(prompt):
        for offer in _of_sentence(sentence):
            found.setdefault(offer.keys, offer)
    return list(found.values())


def asked(listener: Listener | None) -> dict[str, Any] | None:
    """`{id, pin, keys}` for the page, None when nobody listens. `pin`: a whole PIN is asked for, and none is begun."""
    if isinstance(listener, Ear):
        if listener.complete:
            return None
        pin = listener.most is None and not listener.digits and _PIN.search(listener.prompt) is not None
        return _view(listener.id, pin, offers(listener.prompt) if not listener.digits else [])
    if isinstance(listener, Take):
        return _view(listener.id, False, [Offer("#", "end the recording")] if listener.ends_with("#") else [])
    if isinstance(listener, Star):
        return _view(0, False, [Offer("*")])
    return None


def speaking(listener: Listener | None) -> float:
    """Call seconds until everything that was said is on the recording; 0 where nothing is recorded."""
    return listener.speaking() if isinstance(listener, Take) else 0.0


def _view(id_: int, pin: bool, keys: list[Offer]) -> dict[str, Any]:
    return {"id": id_, "pin": pin, "keys": [vars(each) for each in keys]}


def _of_sentence(sentence: str) -> list[Offer]:
    """Every "press" of a sentence. What a key is for stands behind it, else before it."""
    found, start = [], 0
    for match in _PRESS.finditer(sentence):
        words = match["words"] or _reason(sentence[start : match.start()])
        found.append(Offer(_key(match["key"]) + ("#" if match["hash"] else ""), words.strip()))
        start = match.end()
        while match["words"] and (more := _NEXT.match(sentence, start)) is not None:
            found.append(Offer(_key(more["key"]), more["words"].strip()))
            start = more.end()
    return found


def _reason(before: str) -> str:
    """What a clause before "press" says: "To be called back, " is "be called back"."""
    clause = before.strip(" ,;:").rpartition(";")[2].strip()
    return _BEFORE.sub("", clause.rpartition(", that is ")[2])


def _key(name: str) -> str:
    return _NAMES.get(name.lower(), name)

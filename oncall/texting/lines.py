"""A text's own lines, what it quotes of another, and what phones and people put below. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from oncall.texting.letters import LONGEST_TEXT, plain

_QUOTED: Final = re.compile(r"\s*[>|]")
_ORIGINAL: Final = re.compile(r"\s*-{2,}\s*(original message|messaggio originale|ursprüngliche nachricht|forwarded)")
# "On Sun, 14 Jun 2026, Nightline wrote:"
_WROTE: Final = re.compile(r".*\b(wrote|schrieb|ha scritto|a écrit|escribió|escreveu)\s*:?\s*")
_SIGNATURE: Final = re.compile(
    r"\s*(-- ?|__+)\s*|\s*(sent from|inviato da|gesendet von|von meinem|envoyé de|enviado (desde|do|a partir)"
    r"|get outlook for|diese nachricht wurde)\b.*"
)


@dataclass(frozen=True)
class Lines:
    """`own`: what the sender typed. `quoted`: lines of another text, without their marks. Signatures are in neither."""

    own: str
    quoted: str


def lines_of(text: str) -> Lines:
    """The parts of a text, which is cut to what a phone can send."""
    own: list[str] = []
    quoted: list[str] = []
    below = False
    for line in re.split(r"\r\n|[\r\n\u2028\u2029\v\f]", text[:LONGEST_TEXT]):
        read_as = plain(line).words
        if below or _QUOTED.match(read_as):
            quoted.append(re.sub(r"^[\s>＞|]+", "", line))
        elif _ORIGINAL.match(read_as):
            below = True
        elif _WROTE.fullmatch(read_as):
            continue
        elif _SIGNATURE.fullmatch(read_as):
            break
        else:
            own.append(line)
    return Lines("\n".join(own).strip(), "\n".join(quoted).strip())

"""Keys that keep nothing secret: examples that everybody can read, keys of the demo, and what is no key at all."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# Fewer different characters than any random key of 16 has: one letter held down, or a pattern typed.
_FEWEST_CHARACTERS: Final = 6
_SHORTEST: Final = 16
# What examples, templates and other people's instructions have in place of a key, by letters and digits alone.
_EXAMPLES: Final = frozenset(
    {
        "",
        "changeme",
        "changethis",
        "changemenow",
        "default",
        "demo",
        "demokey",
        "dev",
        "devkey",
        "development",
        "devsecret",
        "example",
        "examplekey",
        "insecure",
        "key",
        "nightline",
        "none",
        "password",
        "pinkey",
        "placeholder",
        "replaceme",
        "replacethis",
        "secret",
        "secretkey",
        "supersecret",
        "supersecretkey",
        "test",
        "testing",
        "thisisasecret",
        "todo",
        "topsecret",
        "verysecret",
        "xxx",
        "yourkey",
        "yourkeyhere",
        "yourpinkey",
        "yourpinkeyhere",
        "yoursecret",
        "yoursecrethere",
        "yoursecretkey",
        "yoursecretkeyhere",
    }
)

# Of these, and of marks alone, nobody can think that they are a key: they ask to be replaced.
_PLACEHOLDERS: Final = frozenset(
    {
        "changeme",
        "changethis",
        "changemenow",
        "placeholder",
        "replaceme",
        "replacethis",
        "yourkey",
        "yourkeyhere",
        "yourpinkey",
        "yourpinkeyhere",
        "yoursecret",
        "yoursecrethere",
        "yoursecretkey",
        "yoursecretkeyhere",
    }
)


def is_placeholder(value: str) -> bool:
    """Whether it is exactly what README, docs and templates have in place of a key (`...`, `changeme`). Pure.

    Also in other letters and with other marks (`Change-Me!`), but not with anything besides.
    """
    plain = re.sub(r"[\W_]", "", value.lower())
    return not plain or plain in _PLACEHOLDERS


def is_example(value: str) -> bool:
    """Whether it is a word that stands for a key in examples (`...`, `changeme`), also written several times. Pure."""
    plain = re.sub(r"[\W_]", "", value.lower())
    words = {plain, plain.rstrip("0123456789")} | {plain[:size] for size in range(3, len(plain) // 2 + 1)}
    return any(word in _EXAMPLES and plain in {word, *_longer(word, plain)} for word in words)


def _longer(word: str, plain: str) -> Iterable[str]:
    """The word repeated to the same length, and followed by what figures the other has at its end."""
    if word:
        yield (word * (len(plain) // len(word) + 1))[: len(plain)]
        yield word + plain[len(plain.rstrip("0123456789")) :]


def weakness(value: str) -> str | None:
    """What keeps a value from being a key for real use, in words; None when nothing does. Pure."""
    if is_example(value):
        return "is an example that everybody can read"
    if len(value) < _SHORTEST:
        return "is too short"
    if len(set(value)) < _FEWEST_CHARACTERS:
        return "can be guessed"
    return None


def is_kept_in(value: str, path: Path) -> bool:
    """Whether a file that can be read holds just this value."""
    try:
        return path.read_text().strip() == value
    except (OSError, ValueError):
        return False

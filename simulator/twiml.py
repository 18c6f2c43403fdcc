"""Reads TwiML: what is understood becomes verbs, what is not becomes warnings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from simulator.grammar import CALL, RULES, SPEECH_MARKS

LONGEST_SAY = {"basic": 4096, "polly": 3000, "google": 5000}


class TwimlError(Exception):
    """The document cannot be read at all (12100) or has another root (12102)."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass
class Verb:
    """One element with the attributes that exist in Twilio's grammar; `text` has its white space folded."""

    name: str
    attributes: dict[str, str]
    text: str
    children: list["Verb"] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def number(self, name: str, default: float, least: float = 0) -> float:
        """A whole number of at least `least`; anything else is a problem and counts as the default."""
        text = self.attributes.get(name)
        if text is None:
            return default
        if re.fullmatch(r"\d+", text) and int(text) >= least:
            return float(text)
        self.problems.append(f"{self.name} {name}={text!r} is not a number of {least} or more")
        return default

    def flag(self, name: str, default: bool = False) -> bool:
        text = self.attributes.get(name)
        if text is None:
            return default
        if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        self.problems.append(f"{self.name} {name}={text!r} is neither true nor false")
        return default

    def method(self, name: str = "method") -> str:
        text = self.attributes.get(name, "POST").upper()
        if text in {"GET", "POST"}:
            return text
        self.problems.append(f"{self.name} {name}={text!r} is neither GET nor POST")
        return "POST"


@dataclass
class Document:
    verbs: list[Verb]
    problems: list[str]


def read(text: str | bytes, allowed: frozenset[str] = CALL) -> Document:
    """Raises TwimlError. Whatever is unknown, or not allowed in this place, is left out and named in `problems`."""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - the gateway under test is trusted
    except ElementTree.ParseError as error:
        raise TwimlError(12100, f"the document cannot be parsed: {error}") from error
    if root.tag != "Response":
        raise TwimlError(12102, f"the root is <{root.tag}> in place of <Response>")
    problems = [f"attribute {name!r} of Response is unknown" for name in root.attrib]
    problems += [f"words outside of any verb: {words!r}" for words in _loose_words(root)]
    verbs = [_verb(child, problems) for child in root if _known(child, allowed, "Response", problems)]
    return Document(verbs, problems)


def _known(element: ElementTree.Element, allowed: frozenset[str], parent: str, problems: list[str]) -> bool:
    if element.tag in allowed:
        return True
    reason = "may not stand" if element.tag in RULES else "is unknown"
    problems.append(f"<{element.tag}> {reason} in <{parent}> here, skipped")
    return False


def _verb(element: ElementTree.Element, problems: list[str]) -> Verb:
    rule = RULES[element.tag]
    attributes = {name: value for name, value in element.attrib.items() if name in rule.attributes}
    problems += [
        f"attribute {name!r} of <{element.tag}> is unknown, skipped"
        for name in element.attrib
        if name not in rule.attributes
    ]
    if element.tag == "Say":
        verb = Verb("Say", attributes, _spoken(element, problems))
        _check_length(verb, problems)
        return verb
    children = [_verb(child, problems) for child in element if _known(child, rule.children, element.tag, problems)]
    words = " ".join("".join(_loose_words(element)).split())
    if words and not rule.text:
        problems.append(f"<{element.tag}> takes no text: {words!r}")
    return Verb(element.tag, attributes, words if rule.text else "", children)


def _spoken(element: ElementTree.Element, problems: list[str]) -> str:
    for mark in element.iter():
        if mark is not element and mark.tag not in SPEECH_MARKS:
            problems.append(f"<{mark.tag}> is unknown in <Say>, its words are read")
    return " ".join("".join(_words(element)).split())


def _words(element: ElementTree.Element) -> Iterator[str]:
    if element.tag == "sub" and "alias" in element.attrib:
        yield element.attrib["alias"]
        return
    yield element.text or ""
    for child in element:
        yield " " if child.tag == "break" else ""
        yield from _words(child)
        yield child.tail or ""


def _check_length(verb: Verb, problems: list[str]) -> None:
    family = verb.get("voice").split(".")[0].lower()
    limit = LONGEST_SAY.get(family, LONGEST_SAY["basic"])
    if len(verb.text) > limit:
        problems.append(f"<Say> has {len(verb.text)} characters, more than {limit}: not said")
        verb.text = ""


def _loose_words(element: ElementTree.Element) -> list[str]:
    parts = [element.text, *(child.tail for child in element)]
    return [part for part in parts if part and part.strip()]

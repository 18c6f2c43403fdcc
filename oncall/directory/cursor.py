"""A place in the YAML file that can be read with a type, and that knows its line when something is wrong.

The node graph is read instead of finished values: it has the lines, and it keeps what was written. YAML 1.1 would
turn 01234567 into an octal number, 18:00 into 1080 and No into false.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeVar

import yaml

from oncall.directory.problems import DirectoryError, Problem, did_you_mean

T = TypeVar("T")

_TAG: Final = "tag:yaml.org,2002:"
_YES: Final = {"yes", "true", "on"}
_MOST_DIGITS: Final = 12
_UNSAFE_AS_TEXT: Final = {"int": "a number", "float": "a number", "bool": "true or false", "null": "nothing"}


@dataclass(frozen=True)
class Cursor:
    """One node of the file. Its methods raise DirectoryError with the node's line."""

    node: yaml.Node
    where: str = ""
    trail: tuple[str, ...] = ()
    line: int = field(default=0)

    @classmethod
    def at_root(cls, text: str) -> "Cursor":
        """The whole file. Raises DirectoryError where it is no YAML, or empty."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            reason = f"this is not YAML: {error.problem or error.context}"
            raise DirectoryError([Problem(mark.line + 1 if mark else 1, "", "", reason)]) from None
        except (yaml.YAMLError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else "this is not YAML text"
            raise DirectoryError([Problem(1, "", "", reason)]) from None
        if node is None:
            raise DirectoryError([Problem(1, "", "", "the file is empty", "start with 'people:'")])
        return cls(node, line=node.start_mark.line + 1)

    def problem(self, reason: str, remedy: str = "") -> Problem:
        return Problem(self.line, self.where, " → ".join(self.trail), reason, remedy)

    def fail(self, reason: str, remedy: str = "") -> NoReturn:
        raise DirectoryError([self.problem(reason, remedy)])

    @property
    def is_null(self) -> bool:
        return self._tag == "null"

    @property
    def is_empty(self) -> bool:
        """Nothing, or a list without items."""
        return self.is_null or (self.is_list and not self.node.value)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_plain_number(self) -> bool:
        """Whether YAML takes it for a number, as it has no quotes."""
        return self._tag in {"int", "float"}

    @property
    def _tag(self) -> str:
        return str(self.node.tag).removeprefix(_TAG)

    def keys(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, "Cursor"]:
        """The values of a mapping that has these keys and no others."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail(f"must be keys with values, not {self._kind}", f"keys are {', '.join([*required, *optional])}")
        found: dict[str, Cursor] = {}
        for key_node, value_node in self.node.value:
            key = Cursor(key_node, self.where, self.trail, key_node.start_mark.line + 1)
            name = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            if name not in required and name not in optional:
                key.fail(f"unknown key {name!r}", did_you_mean(name, [*required, *optional]))
            if name in found:
                key.fail(f"the key {name!r} stands here twice", "keep one of the two")
            where = f"{self.where}.{name}" if self.where else name
            found[name] = Cursor(value_node, where, (*self.trail, name), key.line_of(value_node))
        missing = [name for name in required if name not in found]
        if missing:
            self.fail(f"the key {missing[0]!r} is missing", f"add '{missing[0]}: ...'")
        return found

    def line_of(self, value: yaml.Node) -> int:
        """The line to name for the value of this key: an alias is blamed where it is used."""
        written = int(value.start_mark.line) + 1
        return max(written, self.line)

    def items(self, named_by: str | None = None) -> Iterator["Cursor"]:
        """The items of a list; nothing counts as an empty one. `named_by`: the key that names an item to people."""
        if self.is_null:
            return
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail(f"must be a list, not {self._kind}", "write [...], or one '- ' a line")
        for number, node in enumerate(self.node.value):
            label = _label(node, named_by) or str(number + 1)
            yield Cursor(node, f"{self.where}[{number}]", (*self.trail, label), self.line_of(node))

    def text(self) -> str:
        """Words, without spaces around them; never empty."""
        if self._tag in _UNSAFE_AS_TEXT and isinstance(self.node, yaml.ScalarNode) and not self.is_null:
            self.fail(f"YAML reads this as {_UNSAFE_AS_TEXT[self._tag]}", 'put it in quotes: "..."')
        words = self.written("text").strip()
        if not words:
            self.fail("is empty")
        if not words.isprintable():
            self.fail("has line breaks or characters that can't be shown")
        return words

    def written(self, wanted: str) -> str:
        """A single value exactly as it stands in the file, whatever YAML would make of it."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null:
            self.fail(f"must be {wanted}, not {self._kind}")
        return str(self.node.value)

    def flag(self) -> bool:
        if self._tag != "bool":
            self.fail("must be true or false, without quotes")
        return self.written("true or false").lower() in _YES

    def whole_number(self) -> int:
        digits = self.written("a whole number")
        if self._tag != "int" or not digits.isdecimal() or (digits[0] == "0" and digits != "0"):
            self.fail(f"{digits!r} is not a whole number", "write it in digits, without quotes")
        if len(digits) > _MOST_DIGITS:
            self.fail("this number is too large", f"write at most {_MOST_DIGITS} digits")
        return int(digits)

    def one_of(self, words: Collection[str], kind: str = "") -> str:
        """One of the known words; `kind` says what they are, when they are names that the file itself gives."""
        word = self.text()
        if word not in words:
            if kind:
                self.fail(f"there is no {kind} {word!r}", did_you_mean(word, words))
            self.fail(f"{word!r} is not one of {', '.join(words)}")
        return word

    @property
    def _kind(self) -> str:
        if self.is_null:
            return "nothing"
        if isinstance(self.node, yaml.SequenceNode):
            return "a list"
        return "keys with values" if isinstance(self.node, yaml.MappingNode) else "a single value"


class Collector:
    """Gathers the problems of many items, so that a file's author sees all of them at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def each(self, items: Iterator[Cursor], read: Callable[[Cursor], T]) -> tuple[T, ...]:
        """What `read` makes of each item, leaving out those with a problem."""
        good: list[T] = []
        try:
            for item in items:
                self.attempt(lambda item=item: good.append(read(item)))  # type: ignore[misc]
        except DirectoryError as error:
            self.problems += error.problems
        return tuple(good)

    def attempt(self, read: Callable[[], None]) -> None:
        """Run it and keep its problems."""
        try:
            read()
        except DirectoryError as error:
            self.problems += error.problems

    def settle(self) -> None:
        """Raises DirectoryError when there were problems so far."""
        if self.problems:
            raise DirectoryError(self.problems)


def _label(node: yaml.Node, named_by: str | None) -> str | None:
    if named_by is None or not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == named_by and isinstance(value, yaml.ScalarNode):
            return str(value.value) or None
    return None

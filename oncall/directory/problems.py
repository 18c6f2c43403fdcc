"""What can be wrong with a directory file, said so that its author can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One mistake. `line` counts from 1; `where` is a path such as "customers[0].contract.plan"; `trail` is the
    same for people, with names in place of positions. `reason` and `remedy` never contain a PIN or a token.
    """

    line: int
    where: str
    trail: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.trail}: " if self.trail else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"line {self.line}: {place}{self.reason}{remedy}"


class DirectoryError(Exception):
    """The directory file can't be taken as it is. Its text has one line a problem, in the order of the file.

    Nothing was written. `line`, `where`, `reason` and `remedy` are those of the first problem.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def line(self) -> int:
        return self.problems[0].line

    @property
    def where(self) -> str:
        return self.problems[0].where

    @property
    def reason(self) -> str:
        return self.problems[0].reason

    @property
    def remedy(self) -> str:
        return self.problems[0].remedy


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest of the known words, or all of them when none is near."""
    words = list(known)
    near = get_close_matches(given.lower(), [word.lower() for word in words], n=1, cutoff=0.6)
    if near:
        return f"did you mean {next(word for word in words if word.lower() == near[0])!r}?"
    return f"write one of {', '.join(words)}" if words else ""

"""States are compared with members of their enums: a misspelt word in a comparison would only ever be unequal."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import EnumText
from oncall.models import metadata

ROOT = Path(__file__).parent.parent
PRODUCT = ("app.py", "cli.py", "core", "schedules", "oncall", "worker", "demo", "ivr", "web")
# Methods of columns that compare, too.
COMPARING = {"in_", "not_in", "is_distinct_from", "is_not_distinct_from"}

Words = dict[str, set[str]]


def words_of_columns() -> Words:
    """By the name of a column, the words that it may hold in any table."""
    found: Words = {}
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, EnumText):
                found.setdefault(column.name, set()).update(word.value for word in column.type.words)
    found.setdefault("result", set()).update({"busy", "failed", "canceled", "completed", "no-answer"})
    return found


def bare_comparisons(source: str, words: Words) -> Iterator[int]:
    """Lines that compare something named like such a column with one of its words, written out."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare():
                sides = [node.left, *node.comparators]
                pairs = [(one, other) for one in sides for other in sides if one is not other]
            case ast.Call(func=ast.Attribute(value=column, attr=name), args=args) if name in COMPARING:
                pairs = [(column, other) for other in args]
            case ast.Match(subject=subject, cases=cases):
                patterns = [part for each in cases for part in ast.walk(each.pattern)]
                pairs = [(subject, part.value) for part in patterns if isinstance(part, ast.MatchValue)]
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case ast.keyword(arg=str(name), value=value):
                pairs = [(ast.Name(name), value)]
            case _:
                continue
        if any(_is_bare(one, other, words) for one, other in pairs):
            yield getattr(node, "lineno", 0)


def _is_bare(one: ast.expr, other: ast.expr, words: Words) -> bool:
    if isinstance(one, ast.Tuple) and isinstance(other, ast.Tuple):
        return any(_is_bare(*pair, words) for pair in zip(one.elts, other.elts, strict=False))
    return bool(words.get(_name(one), set()) & set(_literals(other)))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):  # coalesce(Drill.text_result, "")
        return next((name for each in node.args if (name := _name(each))), "")
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for each in node.elts:
            yield from _literals(each)
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def product_files() -> Iterator[Path]:
    for name in PRODUCT:
        place = ROOT / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def test_no_state_is_compared_with_a_bare_word() -> None:
    words = words_of_columns()
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in product_files()
        for line in bare_comparisons(path.read_text(encoding="utf-8"), words)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        'page.state == "accepted"',
        '"paging" != page.state',
        'Message.state.in_(["queued", "sending"])',
        'stay.role in {"caller"}',
        '(row.state, row.channel) == ("queued", "text")',
        'call.state = "ended"',
        'page.state, page.round = "accepted", 1',
        'update(Message).values(state="merged")',
        'func.coalesce(Drill.text_result, "") == "failed"',
        'match drill.text_result:\n    case "failed":\n        pass',
        'outcome = "accepted" if own else "cut off"',
    ],
)
def test_bare_words_are_found(line: str) -> None:
    assert list(bare_comparisons(line, words_of_columns()))


@pytest.mark.parametrize("line", ["page.state == PageState.ACCEPTED", 'talk.digits == "1"', 'name == "accepted"'])
def test_what_is_no_bare_state_passes(line: str) -> None:
    assert not list(bare_comparisons(line, words_of_columns()))

"""States are compared with members of their enums: a misspelt word in a comparison would only ever be unequal."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from core.db import Base, EnumText
from oncall.models import metadata
from oncall.models.calls import PhoneCall

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


def pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a node compares, or fills, with what."""
    match node:
        case ast.Compare(left=left, comparators=others):
            sides = [left, *others]
            yield from ((one, other) for one in sides for other in sides if one is not other)
        case ast.Call(func=ast.Attribute(value=column, attr=name), args=args) if name in COMPARING:
            yield from ((column, other) for other in args)
        case ast.Match(subject=subject, cases=cases):
            patterns = [part for each in cases for part in ast.walk(each.pattern)]
            yield from ((subject, part.value) for part in patterns if isinstance(part, ast.MatchValue))
        case ast.Assign(targets=[target], value=value):
            yield target, value
        case ast.keyword(arg=str(name), value=value):
            yield ast.Name(name), value


def taken_apart(one: ast.expr, other: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Of two tuples their members, in turn."""
    if isinstance(one, ast.Tuple) and isinstance(other, ast.Tuple):
        yield from zip(one.elts, other.elts, strict=False)
    yield one, other


def found_in(source: str, is_wrong: Callable[[ast.expr, ast.expr], bool]) -> Iterator[int]:
    """Lines with such a pair."""
    for node in ast.walk(ast.parse(source)):
        if any(is_wrong(*each) for pair in pairs(node) for each in taken_apart(*pair)):
            yield getattr(node, "lineno", 0)


def bare_comparisons(source: str, words: Words) -> Iterator[int]:
    """Lines that compare something named like such a column with one of its words, written out."""

    def is_bare(one: ast.expr, other: ast.expr) -> bool:
        literals = {part.value for part in _values(other) if isinstance(part, ast.Constant)}
        return any(words.get(name, set()) & literals for name in _names(one))

    return found_in(source, is_bare)


def _names(node: ast.expr) -> Iterator[str]:
    """What is named in it: coalesce(Drill.text_result, ""), session.scalar(select(Page.state).where(...))."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            yield name
        case ast.Call(func=func, args=args):
            for each in [*args, *([func.value] if isinstance(func, ast.Attribute) else [])]:
                yield from _names(each)


def _values(node: ast.expr) -> Iterator[ast.expr]:
    """What a side can be."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            for each in parts:
                yield from _values(each)
        case ast.IfExp(body=one, orelse=other):
            yield from _values(one)
            yield from _values(other)
        case _:
            yield node


def enums_of_columns() -> dict[tuple[str, str], str]:
    """By table and column, the enum whose words stand there. Tables go by the names that their rows are called by."""
    return {
        (name, column.name): column.type.words.__name__
        for mapper in Base.registry.mappers
        for name in (mapper.class_.__name__, mapper.class_.__name__.lower(), _CALLED.get(mapper.class_, ""))
        for column in mapper.local_table.columns
        if isinstance(column.type, EnumText)
    }


def wrong_enums(source: str) -> Iterator[int]:
    """Lines that compare or fill a table's column with a member of an enum that stands in another one."""

    def is_wrong(one: ast.expr, other: ast.expr) -> bool:
        match one:
            case ast.Attribute(value=ast.Name(id=row), attr=column) if (row, column) in ENUMS:
                members = [part.value for part in _values(other) if isinstance(part, ast.Attribute)]
                found = {part.id for part in members if isinstance(part, ast.Name)} & set(ENUMS.values())
                return bool(found - {ENUMS[row, column]})
        return False

    return found_in(source, is_wrong)


_CALLED: Final = {PhoneCall: "call"}
ENUMS: Final = enums_of_columns()


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
        'session.scalar(select(PhoneCall.state).where(PhoneCall.id == 1)) == "queued"',
        'session.scalars(select(Page.state).where(Page.id.in_(ids))).one() != "paging"',
        'session.execute(select(Message.state)).scalar_one_or_none() in ("sent", "delivered")',
        'match drill.text_result:\n    case "failed":\n        pass',
        'outcome = "accepted" if own else "cut off"',
    ],
)
def test_bare_words_are_found(line: str) -> None:
    assert list(bare_comparisons(line, words_of_columns()))


@pytest.mark.parametrize("line", ["page.state == PageState.ACCEPTED", 'talk.digits == "1"', 'name == "accepted"'])
def test_what_is_no_bare_state_passes(line: str) -> None:
    assert not list(bare_comparisons(line, words_of_columns()))


def test_no_state_is_compared_with_a_word_of_another_table() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in product_files()
        for line in wrong_enums(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "Message.state == CallState.QUEUED",
        "message.state = CallState.SENDING",
        "message.state, message.error = CallState.SENDING, None",
        "(call.state, call.purpose) == (MessageState.QUEUED, Purpose.PAGE)",
        "PhoneCall.state.in_([MessageState.QUEUED, CallState.SENDING])",
    ],
)
def test_words_of_another_table_are_found(line: str) -> None:
    assert list(wrong_enums(line))


def test_words_of_the_same_table_pass() -> None:
    assert not list(wrong_enums("Message.state.in_([MessageState.QUEUED])"))

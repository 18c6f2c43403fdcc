"""The house stays in order: no circles of imports, small folders and files, each lock once."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from core.locks import Lock
from tests import rooms
from tests.import_graph import ROOT, circles, import_graph, product_files

MOST_MODULES: Final = 15
MOST_LINES: Final = 300
MOST_AT_THE_ROOT: Final = 3


def sources() -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in product_files().items()}


def test_no_circle_of_modules() -> None:
    graph = import_graph(sources())
    assert len(graph) > 400
    assert circles(graph) == []


def test_a_circle_is_found() -> None:
    given = {"a": "from b import thing", "b": "def f():\n    import c", "c": "from a import other", "d": "import a"}
    assert circles(import_graph(given)) == [["a", "b", "c"]]


def test_folders_are_small() -> None:
    modules = [path for path in product_files().values() if path.name != "__init__.py"]
    folders = Counter(path.parent.relative_to(ROOT) for path in modules)
    assert {str(folder): count for folder, count in folders.items() if count > MOST_MODULES} == {}
    assert folders[Path("oncall")] <= MOST_AT_THE_ROOT


def test_files_are_small() -> None:
    lines = {name: text.count("\n") for name, text in sources().items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def late_imports(text: str) -> Iterator[int]:
    """Lines of imports within functions, of which the line does not say why."""
    lines = text.splitlines()
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            found = (node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))
            yield from (number for number in found if "  # " not in lines[number - 1])


def test_what_is_imported_late_says_why() -> None:
    assert {name: found for name, text in sources().items() if (found := list(late_imports(text)))} == {}
    assert list(late_imports("def f():\n    import yaml\n    import json  # only here")) == [2]


def test_each_lock_has_its_own_number_and_stands_in_one_place() -> None:
    numbers = [lock.value for lock in Lock]
    assert len(numbers) == len(set(numbers)) > 15
    for name, text in sources().items():
        if name != "core.locks":
            found = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
            assert not found & set(numbers), name


@pytest.mark.parametrize("room", rooms.pages())
def test_a_rooms_page_names_its_modules_as_they_are(room: str) -> None:
    """Write them anew by `python -m tests.rooms`."""
    text = rooms.pages()[room].read_text(encoding="utf-8")
    assert text == rooms.written(room, text)


def test_every_room_has_a_page() -> None:
    folders = [*((ROOT / "oncall").iterdir()), *(ROOT / name for name in rooms.AT_THE_TOP)]
    assert {each.name for each in folders if (each / "__init__.py").exists()} == rooms.pages().keys()


def test_only_one_folder_imports_twilios_library() -> None:
    users = {name for name, text in sources().items() if re.search(r"^\s*(?:from|import) twilio\b", text, re.MULTILINE)}
    assert users
    assert {name for name in users if not name.startswith("ivr.twilio.")} == set()


def test_only_two_modules_name_the_tables_of_the_queue() -> None:
    """What a new version of procrastinate changes is looked for there alone."""
    named = re.compile(r"procrastinate_(jobs|workers|events|periodic_defers|\w+_v\d)\b")
    assert {name for name, source in sources().items() if named.search(source)} == {"core.jobs", "worker.queue"}

"""Which module of the product imports which, read from the source: imports inside functions and for types count too."""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("assets", "core", "schedules", "oncall", "worker", "demo", "ivr", "web", "simulator")

Graph = Mapping[str, frozenset[str]]


def product_files() -> dict[str, Path]:
    """Every module of the product by its name."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {name_of(path.relative_to(ROOT)): path for path in paths}


def name_of(path: Path) -> str:
    """The module's name; a package's own module has the package's name."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph(sources: Mapping[str, str]) -> Graph:
    """For each module (name to source) those of the others that it imports."""
    return {name: frozenset(_imported(ast.parse(source), sources.keys()) - {name}) for name, source in sources.items()}


def _imported(tree: ast.Module, known: Collection[str]) -> set[str]:
    names = {name for node in ast.walk(tree) for name in _names(node)}
    return {found for name in names if (found := _module(name, known)) is not None}


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module(name: str, known: Collection[str]) -> str | None:
    """The module that a dotted name leads to: itself, or the one that holds the name."""
    for candidate in (name, name.rpartition(".")[0]):
        if candidate in known:
            return candidate
    return None


def circles(graph: Graph) -> list[list[str]]:
    """Groups of modules that import each other, round and round (Tarjan's strongly connected components)."""
    found: list[list[str]] = []
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        open_.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in open_:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            place = open_.index(name)
            group = sorted(open_[place:])
            del open_[place:]
            if len(group) > 1:
                found.append(group)

    for name in graph:
        if name not in order:
            visit(name)
    return found

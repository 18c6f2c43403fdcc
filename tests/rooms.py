"""Writes the tables of modules in `docs/rooms/`, from what each module says of itself: `python -m tests.rooms`."""

import ast
from pathlib import Path
from typing import Final

from tests.import_graph import ROOT

PAGES: Final = ROOT / "docs" / "rooms"
HEADING: Final = "## Modules\n"
# Rooms at the top; every other page is of the folder of `oncall` that has its name.
AT_THE_TOP: Final = frozenset({"core", "schedules", "worker", "demo", "ivr", "web", "simulator"})
WITHOUT_TABLE: Final = frozenset({"tests"})


def pages() -> dict[str, Path]:
    """Pages with a table of modules, by the room's name."""
    return {page.stem: page for page in sorted(PAGES.glob("*.md")) if page.stem not in WITHOUT_TABLE}


def folder_of(room: str) -> Path:
    return ROOT / room if room in AT_THE_TOP else ROOT / "oncall" / room


def table(room: str) -> str:
    """Its modules with the first line of each one's docstring: those of the folder itself, then folder by folder."""
    folder = folder_of(room)
    paths = [path.relative_to(folder) for path in folder.rglob("*.py") if path != folder / "__init__.py"]
    ordered = sorted(paths, key=lambda path: (path.parent.parts, path.name != "__init__.py", path.name))
    lines = [f"| {_shown(path)} | {_says(folder / path)} |" for path in ordered]
    return "\n".join(["| module | what it does |", "|---|---|", *lines]) + "\n"


def _shown(path: Path) -> str:
    folder = path.name == "__init__.py"
    return f"**`{path.parent.as_posix()}/`**" if folder else f"`{path.as_posix()}`"


def _says(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def written(room: str, text: str) -> str:
    """The page with its table as the modules have it now; what stands after the table stays."""
    before, _, rest = text.partition(HEADING)
    after = rest.partition("\n## ")[2]
    return before + HEADING + table(room) + (f"\n## {after}" if after else "")


if __name__ == "__main__":
    for name, page in pages().items():
        page.write_text(written(name, page.read_text(encoding="utf-8")), encoding="utf-8")

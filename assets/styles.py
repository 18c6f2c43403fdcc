"""One style sheet out of a list of others."""

import re
from pathlib import Path
from typing import Final

from assets.errors import AssetError

_IMPORT: Final = re.compile(r'^@import "(?P<file>[\w.-]+\.css)";$', re.MULTILINE)


def whole_style(entry: Path) -> str:
    """The style sheet at `entry`, what it imports in place of the imports. Raises AssetError, OSError."""
    return _whole(entry, ())


def _whole(path: Path, before: tuple[Path, ...]) -> str:
    if path in before:
        raise AssetError(f"{path.name} imports itself by {before[-1].name}.")
    text = path.read_text(encoding="utf-8")
    text = _IMPORT.sub(lambda found: _whole(path.with_name(found["file"]), (*before, path)).rstrip(), text)
    if "@import" in text:
        raise AssetError(f'{path.name}: write imports as @import "file.css"; on lines of their own.')
    return text

"""One style sheet out of a list of others.

`@import "shared/name.css";` takes one of `assets/shared/`, which web and simulator have in common; all others stand
beside the file.
"""

import re
from pathlib import Path
from typing import Final

from assets.errors import AssetError

SHARED: Final = Path(__file__).resolve().parent / "shared"
_IMPORT: Final = re.compile(r'^@import "(?P<shared>shared/)?(?P<file>[\w.-]+\.css)";$', re.MULTILINE)


def whole_style(entry: Path) -> str:
    """The style sheet at `entry`, what it imports in place of the imports. Raises AssetError, OSError."""
    return _whole(entry, ())


def _whole(path: Path, before: tuple[Path, ...]) -> str:
    if path in before:
        raise AssetError(f"{path.name} imports itself by {before[-1].name}.")
    text = path.read_text(encoding="utf-8")
    text = _IMPORT.sub(lambda found: _whole(_place(path, found), (*before, path)).rstrip(), text)
    if "@import" in text:
        raise AssetError(f'{path.name}: write imports as @import "file.css"; on lines of their own.')
    return text


def _place(path: Path, found: re.Match[str]) -> Path:
    return SHARED / found["file"] if found["shared"] else path.with_name(found["file"])

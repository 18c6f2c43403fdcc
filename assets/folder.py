"""A folder of files for browsers, as they are sent."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from assets.scripts import whole_script
from assets.styles import whole_style

# A year, and a browser need not ask again even when told to load the page anew: what has that address never changes.
KEPT: Final = "public, max-age=31536000, immutable"
ASKED_AGAIN: Final = "no-cache"
# What compressing makes smaller; sounds and pictures of dots are compressed already, or as good as.
_TEXTS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_VERSION_LETTERS: Final = 12
# Once a process: the best there is.
_HARD: Final = 9


@dataclass(frozen=True)
class Asset:
    """`version` is that of the content; `packed`: compressed with gzip, None where that gains nothing."""

    content: bytes
    media_type: str
    version: str
    packed: bytes | None

    def tag(self, packed: bool) -> str:
        """Its ETag: each way of sending it has its own."""
        return f"{self.version}-gzip" if packed else self.version

    def cache_control(self, asked: str | None) -> str:
        """`asked`: the version in the address, if it has one. Another one than ours is kept by nobody."""
        return KEPT if asked == self.version else ASKED_AGAIN


@dataclass(frozen=True)
class AssetFolder:
    """The files right in `path`. Each is read once: a process sends those that belong to its pages, not newer ones."""

    path: Path

    def whole(self, name: str) -> Asset | None:
        """With all that it imports; None where there is no such file. Raises AssetError."""
        return _read(self.path, name, whole=True) if name in _names(self.path) else None

    def source(self, name: str) -> Asset | None:
        """As it was written."""
        return _read(self.path, name, whole=False) if name in _names(self.path) else None

    def version(self, name: str) -> str | None:
        """Of the file with all that it imports, for its address."""
        asset = self.whole(name)
        return asset.version if asset else None


@cache
def _names(folder: Path) -> frozenset[str]:
    """All that can be asked for: whatever else strangers ask for is neither looked for nor kept."""
    return frozenset(each.name for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))


@cache
def _read(folder: Path, name: str, whole: bool) -> Asset:
    path = folder / name
    if whole and path.suffix == ".js":
        content = whole_script(path).encode()
    elif whole and path.suffix == ".css":
        content = whole_style(path).encode()
    else:
        content = path.read_bytes()
    media_type = _TEXTS.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(content, _HARD, mtime=0) if path.suffix in _TEXTS else None
    if packed is not None and len(packed) >= len(content):
        packed = None
    return Asset(content, media_type, hashlib.sha256(content).hexdigest()[:_VERSION_LETTERS], packed)

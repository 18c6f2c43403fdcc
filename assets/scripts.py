"""One script out of a module and all that it imports, in the order in which a browser would run them.

Each module becomes a function's body, so that its names are its own; what it exports is the function's result, and an
import takes from that. Understood is what our modules use: imports by name from files beside them, at the beginnings of
lines, and exported functions, classes and constants. Anything else is refused, never guessed at.
"""

import re
from pathlib import Path
from typing import Final

from assets.errors import AssetError

_IMPORT: Final = re.compile(r'^import (?:\{(?P<names>[^}"\']*)\} from )?"\./(?P<file>[\w.-]+\.js)";$', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:function|class|const) ?\*? ?(?P<name>[\w$]+))", re.MULTILINE)
_NAME: Final = re.compile(r"([\w$]+)(?: as ([\w$]+))?")
# A line of a module that imports or exports in another way, or waits before its end, which no function's body can.
_OTHER: Final = re.compile(r"^(?:import\b|export\b|await\b).*|.*\bimport\(.*", re.MULTILINE)

# Lines that are comments, and what only people need before others: a seventh of a script, once compressed.
_COMMENT: Final = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)
# Types before an expression or a parameter, which only the type checker reads.
_TYPE: Final = re.compile(r"/\*\* @(?:[^*]|\*(?!/))*\*/ ?")
_INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)


def whole_script(entry: Path) -> str:
    """The module at `entry` with everything that it needs. Raises AssetError, OSError."""
    done: dict[Path, str] = {}
    _add(entry, (), done)
    return "\n".join(done.values())


def _add(path: Path, before: tuple[Path, ...], done: dict[Path, str]) -> None:
    """Put `path` behind what it imports. `before`: the modules that are waiting for it."""
    if path in done:
        return
    if path in before:
        circle = " -> ".join(each.name for each in (*before[before.index(path) :], path))
        raise AssetError(f"{path.name} needs itself: {circle}. Move what both need into a module of its own.")
    source = path.read_text(encoding="utf-8")
    for found in _IMPORT.finditer(source):
        _add(path.with_name(found["file"]), (*before, path), done)
    done[path] = _wrapped(path, source)


def _has_long_text(source: str) -> bool:
    """Whether a text may go over more lines than one, which can look like comments and indents."""
    return any(line.count("`") % 2 for line in source.splitlines())


def _wrapped(path: Path, source: str) -> str:
    lean = not _has_long_text(source)
    body = _IMPORT.sub(_taken, _TYPE.sub("", _COMMENT.sub("", source)) if lean else source)
    exports = [found["name"] for found in _EXPORT.finditer(body)]
    body = _EXPORT.sub("", body)
    other = _OTHER.search(body)
    if other:
        raise AssetError(f"{path.name}: {other[0].strip()!r} is no import or export that can be put together.")
    if lean:
        body = _INDENT.sub("", body)
    return f"const {_variable(path.name)} = (() => {{\n{body}\nreturn {{ {', '.join(exports)} }};\n}})();"


def _taken(found: re.Match[str]) -> str:
    """Names out of another module's result. It stands before, and nobody changes what is exported: no `let` is."""
    if found["names"] is None:
        return ""
    names = ", ".join(name + (f": {other}" if other else "") for name, other in _NAME.findall(found["names"]))
    return f"const {{ {names} }} = {_variable(found['file'])};"


def _variable(file: str) -> str:
    """No module can have a name of its own that begins so, as nobody writes one."""
    return "module$" + re.sub(r"\W", "_", file.removesuffix(".js"))

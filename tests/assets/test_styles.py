"""Style sheets put together, in the order in which they are imported."""

import re
from pathlib import Path

import pytest

from assets.errors import AssetError
from assets.styles import SHARED, whole_style

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = {"web": ROOT / "web/static/base.css", "simulator": ROOT / "simulator/static/page.css"}
_TOKEN = re.compile(r"^ *(--[\w-]+):", re.MULTILINE)


def test_imports_are_put_in(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a { color: red }\n")
    (tmp_path / "b.css").write_text('@import "a.css";\nb { color: blue }\n')
    (tmp_path / "page.css").write_text('/* All. */\n@import "b.css";\n')
    assert whole_style(tmp_path / "page.css") == "/* All. */\na { color: red }\nb { color: blue }\n"


@pytest.mark.parametrize("line", ["@import url(a.css);", '@import "a.css" print;', '@import "page.css";'])
def test_other_imports_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.css").write_text("a {}\n")
    (tmp_path / "page.css").write_text(f"{line}\n")
    with pytest.raises(AssetError, match=r"page\.css"):
        whole_style(tmp_path / "page.css")


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_tokens_have_one_source(entry: Path) -> None:
    """Both looks have all shared ones in them, and none of their own sheets says one of these anew."""
    shared = set(_TOKEN.findall((SHARED / "tokens.css").read_text()))
    whole = _TOKEN.findall(whole_style(entry))
    assert {"--bg", "--moon", "--radius", "--font"} <= shared
    assert shared <= set(whole)
    assert not shared & {token for path in entry.parent.glob("*.css") for token in _TOKEN.findall(path.read_text())}

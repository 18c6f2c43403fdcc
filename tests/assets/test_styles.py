"""Style sheets put together, in the order in which they are imported."""

from pathlib import Path

import pytest

from assets.errors import AssetError
from assets.styles import whole_style


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

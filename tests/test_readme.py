"""What README.md claims about settings, commands and files is so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import cli
from core.settings import SIMULATED_NUMBER, Settings
from oncall.directory import parse
from oncall.directory.model import Directory

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Their defaults depend on the rest, and are told in words.
TOLD = {"DATABASE_URL", "SECRET_KEY", "PIN_KEY", "HOTLINE_NUMBER", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"} | {
    "TWILIO_API_URL",
    "CLOCK_START",
    "SMTP_URL",
    "TRUSTED_HOSTS",
    "FALLBACK_UPLOAD",
    "FALLBACK_UPLOAD_TOKEN",
    "FALLBACK_UPLOAD_KEY_ID",
    "FALLBACK_UPLOAD_SECRET",
}


def _rows(heading: str) -> Iterator[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    for line in [line for line in section.splitlines() if line.startswith("|")][2:]:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def _defaults() -> dict[str, str]:
    rows = _rows("Configuration")
    return {name: default for names, _, default in rows for name in re.findall(r"`([A-Z_]+)`", names)}


def test_every_setting_is_in_the_table_and_no_other() -> None:
    assert set(_defaults()) == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", sorted(set(_defaults()) - TOLD))
def test_default(name: str) -> None:
    default = Settings.model_fields[name.lower()].default
    written = f"{default:g}" if isinstance(default, float) else str(default)
    assert _defaults()[name] == f"`{written}`"


def test_number_of_the_simulator() -> None:
    assert f"`{SIMULATED_NUMBER}`" in _defaults()["HOTLINE_NUMBER"]


def test_every_command_is_listed() -> None:
    app = Flask("nightline")
    cli.register(app)
    listed = {cells[0].strip("`").split()[0] for cells in _rows("Commands")}
    known = {name for name in app.cli.list_commands(None) if not app.cli.commands[name].hidden}  # type: ignore[arg-type]
    assert listed == known


def test_example_directory_can_be_loaded() -> None:
    found = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert found is not None
    directory = parse(found.group(1))
    assert len(directory.people) == 3
    assert directory.rosters[0].layers[0].name == "first"


def test_demo_people_are_those_of_the_demo() -> None:
    demo: Directory = parse((ROOT / "demo" / "demo.yaml").read_text(encoding="utf-8"))
    told = {(cells[0], cells[-1].strip("`")) for cells in _rows("Try it") if len(cells) == 4}
    assert told >= {(customer.name, customer.pin) for customer in demo.customers}
    for person in demo.people:
        assert f"| {person.name} | {person.role.spoken} | `{person.pin}` |" in README


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_make_test_stands_alone() -> None:
    assert "```sh\nmake test\n```" in README
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"run", "test", "check", "bench"} <= set(targets)

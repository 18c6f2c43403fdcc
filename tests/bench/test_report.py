"""The table and the files."""

import json
import math
from pathlib import Path

import pytest

from bench.directory import as_directory, build_town
from bench.report import Figure, table, write
from oncall.directory import parse


@pytest.mark.parametrize(
    ("value", "spoilt", "verdict"),
    [(50.0, "", "ok"), (50.1, "", "MISSED"), (math.nan, "", "MISSED"), (1.0, "2 pages rang nobody", "MISSED")],
)
def test_a_target_is_met_or_plainly_missed(value: float, spoilt: str, verdict: str) -> None:
    figure = Figure("ring", value, "ms", most=50, spoilt=spoilt)
    assert figure.verdict == verdict
    assert verdict in table([figure], [], [])


@pytest.mark.parametrize(("value", "verdict"), [(2500.0, "ok"), (2499.0, "MISSED"), (math.nan, "MISSED")])
def test_a_target_may_be_the_least(value: float, verdict: str) -> None:
    figure = Figure("answers", value, "/s", least=2500)
    assert figure.verdict == verdict
    assert "≥ 2500 /s" in table([figure], [], [])


def test_the_table_ends_with_what_was_missed() -> None:
    figures = [Figure("ring", 60, "ms", most=50), Figure("memory", 200, "MB", most=300), Figure("rate", 9, "/s")]
    assert table(figures, ["title"], []).splitlines()[-1] == "MISSED: ring."
    assert table(figures[1:], ["title"], []).splitlines()[-1] == "All targets are met."


def test_both_files_are_written(tmp_path: Path) -> None:
    files = write(tmp_path / "new", "2026-01-01-abc", "page", [Figure("ring", math.nan, "ms")], {"more": [1.23456]})
    assert [file.name for file in files] == ["2026-01-01-abc.txt", "2026-01-01-abc.json"]
    content = json.loads(files[1].read_text())
    assert content["figures"][0]["value"] is None
    assert content["more"] == [1.235]


def test_everybody_in_the_town_has_a_phone_a_pin_and_a_technician_of_their_place() -> None:
    town = build_town(places=3, customers=4)
    customers = [one for place in town.places for one in place]
    assert len({one.phone for one in customers}) == len({one.pin for one in customers}) == 12
    assert [{one.technician for one in place} for place in town.places] == [{each} for each in town.technicians]
    directory = parse(as_directory(town))
    assert len(directory.customers) == 12
    assert len(directory.rosters) == 3
    assert {one.phone for one in directory.people} >= set(town.technicians)

"""The figures beside their targets: as a table for people, as JSON for programs."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

_WIDTHS: Final = (58, 11, 10, 8)


@dataclass(frozen=True)
class Figure:
    """A measured value. `most`, `least`: the target, of which there is at most one; None where nothing was promised."""

    name: str
    value: float
    unit: str
    most: float | None = None
    samples: int | None = None
    spoilt: str = ""  # why the target counts as missed whatever the value
    least: float | None = None

    @property
    def verdict(self) -> str:
        """ok, MISSED, or nothing where nothing was promised."""
        if self.most is None and self.least is None:
            return ""
        # A value that is not a number is neither at most nor at least anything.
        met = self.value <= self.most if self.most is not None else self.value >= (self.least or 0)
        return "ok" if met and not self.spoilt else "MISSED"

    @property
    def target(self) -> str:
        """In words, or nothing."""
        if self.most is not None:
            return f"{self.most:g} {self.unit}"
        return "" if self.least is None else f"≥ {self.least:g} {self.unit}"


def table(figures: Sequence[Figure], heading: Sequence[str], remarks: Sequence[str]) -> str:
    """Everything on one page."""
    rows = [_row("", "measured", "target", ""), *(_of(figure) for figure in figures)]
    return "\n".join([*heading, "", *rows, "", *remarks, _summary(figures)])


def _of(figure: Figure) -> str:
    name = figure.name if figure.samples is None else f"{figure.name} (n={figure.samples})"
    row = _row(name, f"{_number(figure.value)} {figure.unit}", figure.target, figure.verdict)
    return f"{row} ({figure.spoilt})" if figure.spoilt else row


def _row(name: str, value: str, target: str, verdict: str) -> str:
    first, second, third, fourth = _WIDTHS
    return f"{name:<{first}} {value:>{second}} {target:>{third}} {verdict:>{fourth}}".rstrip()


def _number(value: float) -> str:
    if math.isnan(value):
        return "none"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 1 or not value else f"{value:.2g}"


def _summary(figures: Sequence[Figure]) -> str:
    missed = [figure.name for figure in figures if figure.verdict == "MISSED"]
    return f"MISSED: {'; '.join(missed)}." if missed else "All targets are met."


def write(folder: Path, name: str, page: str, figures: Sequence[Figure], details: dict[str, Any]) -> list[Path]:
    """Put table and JSON into `folder` under `name`; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    text, data = folder / f"{name}.txt", folder / f"{name}.json"
    text.write_text(page + "\n", encoding="utf-8")
    listed = [asdict(figure) | {"verdict": figure.verdict} for figure in figures]
    content = _without_nan({"figures": listed, **details})
    data.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return [text, data]


def _without_nan(value: Any) -> Any:
    """JSON knows no NaN."""
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 3)
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    return [_without_nan(each) for each in value] if isinstance(value, list) else value

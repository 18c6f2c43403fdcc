"""What a part of the chaos brings back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.report import Figure


@dataclass(frozen=True)
class Part:
    """Rows of the table, remarks under it, and what stands behind them."""

    name: str
    figures: Sequence[Figure]
    remarks: Sequence[str] = ()
    details: dict[str, Any] = field(default_factory=dict)

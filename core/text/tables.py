"""Tables for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with its head, lines ended as RFC 4180 has it. What is no number stays text (`as_text`)."""
    lines = io.StringIO()
    table = csv.writer(lines)
    table.writerow(head)
    table.writerows(rows)
    return lines.getvalue()


def as_text(words: str) -> str:
    """What a spreadsheet would take for a formula is shown as the text it is."""
    return f"'{words}" if words.startswith(_FORMULA_SIGNS) else words

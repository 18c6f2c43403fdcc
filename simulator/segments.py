"""How many segments a text needs: 160 characters of GSM-7 (153 joined), else 70 of UCS-2 (67 joined)."""

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


def segments(body: str) -> int:
    if all(char in _BASIC or char in _EXTENDED for char in body):
        return _parts([2 if char in _EXTENDED else 1 for char in body], 160, 153)
    return _parts([len(char.encode("utf-16-le", "surrogatepass")) // 2 for char in body], 70, 67)


def _parts(lengths: Iterable[int], alone: int, joined: int) -> int:
    """What belongs together (an escaped sign, a pair of surrogates) goes into the next part as a whole."""
    lengths = list(lengths)
    if sum(lengths) <= alone:
        return 1
    parts, used = 1, 0
    for length in lengths:
        if used + length > joined:
            parts, used = parts + 1, 0
        used += length
    return parts

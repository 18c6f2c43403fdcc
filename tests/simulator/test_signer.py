"""The published signature vectors."""

import pytest

from simulator.signer import signature

PARAMS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://mycompany.com", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_published_vectors(origin: str, expected: str) -> None:
    assert signature("12345", f"{origin}/myapp.php?foo=1&bar=2", PARAMS) == expected


def test_a_repeated_value_counts_once_and_values_are_sorted() -> None:
    url = "https://example.org/"
    assert signature("t", url, [("a", "2"), ("a", "1"), ("a", "2")]) == signature("t", url, [("a", "1"), ("a", "2")])
    assert signature("t", url, [("a", "1")]) != signature("t", url, [("a", "1"), ("a", "2")])

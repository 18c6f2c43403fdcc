"""Where a request ends, whatever it looks like and however its bytes arrive."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.serving.intake import BODY_MAX_BYTES, HEAD_MAX_BYTES, Intake, Part

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /ivr/voice HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

WHOLE = [
    GET,
    b"GET / HTTP/1.0\r\n\r\n",
    b"\r\n" + GET,
    POST + b"abcde",
    POST + b"a\nb\nc",
    POST.replace(b"Content-Length", b"CONTENT-length") + b"abcde",
    POST.replace(b"5", b"0"),
    CHUNKED + b"0\r\n\r\n",
    CHUNKED + b"5\r\nabcde\r\n0\r\n\r\n",
    CHUNKED + b"5;name=value\r\na\r\nbc\r\nA\r\n0123456789\r\n000\r\nTrailer: 1\r\nOther: 2\r\n\r\n",
    CHUNKED.replace(b"chunked", b"gzip, Chunked") + b"1\r\na\r\n0\r\n\r\n",
]

# What gunicorn refuses by itself as soon as it sees it.
LEFT_TO_GUNICORN = [
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: five\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
]

REFUSED = [
    (b"GET / HTTP/1.1\nHost: x\n\n", Part.BAD),
    (b"GET / HTTP/1.1\r\nHost: x\n\r\n\r\n", Part.BAD),
    (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", Part.BAD),
    (CHUNKED + b"no size\r\n", Part.BAD),
    (CHUNKED + b"-1\r\n", Part.BAD),
    (CHUNKED + b"\r\n", Part.BAD),
    (CHUNKED + b"1" * 2000, Part.BAD),
    (b"GET /" + b"a" * HEAD_MAX_BYTES, Part.HEAD_TOO_LONG),
    (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * HEAD_MAX_BYTES, Part.HEAD_TOO_LONG),
    (b"GET / HTTP/1.1\r\nX: " + b"y" * HEAD_MAX_BYTES + b"\r\n\r\n", Part.HEAD_TOO_LONG),
    (CHUNKED + b"0\r\n" + b"X: y\r\n" * HEAD_MAX_BYTES, Part.HEAD_TOO_LONG),
    (POST.replace(b": 5", b": %d" % (BODY_MAX_BYTES + 1)), Part.TOO_LONG),
    (POST.replace(b": 5", b": " + b"9" * 30), Part.TOO_LONG),
    (CHUNKED + b"ffffffff\r\n", Part.TOO_LONG),
]


def fed(data: bytes, cuts: list[int]) -> Intake:
    """An intake that got `data` in pieces; none after the request was whole or refused, as the worker does."""
    intake = Intake()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(places):
        if intake.part in {Part.NOTHING, Part.HEAD, Part.BODY} and begin < end:
            intake.feed(data[begin:end])
    return intake


@pytest.mark.parametrize("data", [*WHOLE, *LEFT_TO_GUNICORN])
def test_a_request_is_whole_with_its_last_byte_and_not_before(data: bytes) -> None:
    intake = Intake()
    parts = [intake.feed(data[place : place + 1]) for place in range(len(data))]
    assert parts[-1] is Part.WHOLE
    assert Part.WHOLE not in parts[:-1]
    assert bytes(intake.data) == data


@pytest.mark.parametrize(("data", "part"), REFUSED)
def test_what_is_malformed_or_too_long_is_refused(data: bytes, part: Part) -> None:
    assert fed(data, []).part is part
    assert fed(data, list(range(0, len(data), 997))).part is part


@given(data=st.sampled_from(WHOLE), cuts=st.lists(st.integers(0, 10_000), max_size=8))
def test_the_pieces_make_no_difference(data: bytes, cuts: list[int]) -> None:
    assert fed(data, cuts).part is Part.WHOLE
    assert fed(data[:-1], cuts).part in {Part.HEAD, Part.BODY}


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_any_bytes_have_an_outcome(data: bytes, cuts: list[int]) -> None:
    assert fed(data, cuts).part in Part


@pytest.mark.parametrize("first", WHOLE)
def test_what_follows_is_kept_for_the_next_request(first: bytes) -> None:
    intake = Intake()
    assert intake.feed(first + GET) is Part.WHOLE
    assert bytes(intake.data) == first + GET


@pytest.mark.parametrize(
    ("head", "asks"),
    [
        (POST.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue"), True),
        (CHUNKED.replace(b"Host: x", b"Host: x\r\nEXPECT:100-Continue"), True),
        (POST.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue").replace(b"1.1", b"1.0"), False),
        (POST.replace(b"Host: x", b"Host: x\r\nExpect: something"), False),
        (POST, False),
    ],
)
def test_who_waits_for_a_word_before_the_body(head: bytes, asks: bool) -> None:
    intake = Intake()
    assert intake.feed(head) is Part.BODY
    assert intake.asks_to_continue is asks

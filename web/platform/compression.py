"""Answers that are sent compressed: those whose view says so, and no other.

Not all, as a length can give away what stands in an answer (BREACH): where somebody else's words stand beside a secret
of the reader's, trying words until the answer gets shorter tells the secret. So a view may say it only if its answer
repeats nothing of the request, in which the words would come; a test sends words to each and looks. The only secret in
such answers is the token against forged requests, and other sites can't fetch with the reader's cookie (SameSite).
"""

import gzip
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

P = ParamSpec("P")

# Marks the view; the test finds those that are compressed by it.
MARK: Final = "nightline_compressed"
# Less fits into one packet of the network anyway.
SMALLEST_BYTES: Final = 1400
# Most of what can be gained, in a third of the time of the best. While zlib works, other threads go on.
_EFFORT: Final = 4


def compressed(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """The view's answer is compressed for who can read that. It must repeat nothing of the request: see above."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        return _compress(make_response(view(*args, **kwargs)))

    setattr(answered, MARK, True)
    return answered


def _compress(answer: Response) -> Response:
    if answer.status_code != 200 or answer.is_streamed or "Content-Encoding" in answer.headers:
        return answer
    answer.vary.add("Accept-Encoding")
    content = answer.get_data()
    if len(content) >= SMALLEST_BYTES and request.accept_encodings["gzip"] > 0:
        answer.set_data(gzip.compress(content, _EFFORT, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer

"""How long words and sounds take, and sound files that hold them."""

import io
import math
import re
import wave

WORDS_PER_MINUTE = 165
SAMPLE_RATE = 8000
_SOUND = re.compile(r"\d|[^\W\d]+(?:['’-][^\W\d]+)*")


def say_seconds(text: str) -> float:
    """How long a voice needs for the text: 165 words a minute, each digit one word."""
    return len(_SOUND.findall(text)) * 60 / WORDS_PER_MINUTE


def part_said(text: str, share: float) -> str:
    """The words of the text that were out when `share` (0 to 1) of its time had passed."""
    words = text.split()
    return " ".join(words[: math.floor(len(words) * max(0.0, min(share, 1.0)))])


def wav(seconds: float, words: str = "") -> bytes:
    """A quiet tone of that length, 8 kHz mono; the words spoken stand in the file's comment (INFO/ICMT)."""
    cycle = bytes(128 + round(12 * math.sin(2 * math.pi * step / 40)) for step in range(40))
    frames = max(1, round(seconds * SAMPLE_RATE))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((cycle * (frames // 40 + 1))[:frames])
    return _with_comment(buffer.getvalue(), words)


def wav_seconds(data: bytes) -> float | None:
    """The length of a WAV file, None for any other content."""
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (wave.Error, EOFError):
        return None


def _with_comment(data: bytes, words: str) -> bytes:
    if not words:
        return data
    text = words.encode() + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFOICMT" + len(text).to_bytes(4, "little") + text
    data += b"\0" * (len(data) % 2) + b"LIST" + len(info).to_bytes(4, "little") + info
    return data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]

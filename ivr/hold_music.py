"""Writes the waiting music: `python -m ivr.hold_music FILE`. Made here, so that no licence is needed to play it.

Slow broken chords on a soft, bell-like tone, 18 s long, ending where they begin, so that rounds join without a break.
"""

import math
import struct
import sys
import wave
from pathlib import Path

RATE = 8000
BEAT = 0.375
LOUDNESS = 6500

# Six chords of eight beats: A minor 7, F major 7, C, G, D minor 7, E minor 7 (semitones from A3).
CHORDS = (
    (0, 7, 10, 15),
    (-4, 3, 8, 12),
    (3, 7, 10, 15),
    (-2, 5, 10, 14),
    (5, 8, 12, 15),
    (-5, 2, 7, 10),
)
PATTERN = (0, 1, 2, 3, 2, 1, 3, 2)


def tone(semitones: float, seconds: float) -> float:
    """One sample of a struck, fading tone `seconds` after its stroke."""
    pitch = 220.0 * 2 ** (semitones / 12)
    attack = min(1.0, seconds / 0.02)
    fade = math.exp(-1.9 * seconds)
    wave_ = math.sin(2 * math.pi * pitch * seconds) + 0.28 * math.sin(4 * math.pi * pitch * seconds) * fade
    return attack * fade * wave_


def samples() -> list[int]:
    """The whole piece; what rings on past the end is folded back to the beginning."""
    strokes = [(index * BEAT, chord[step]) for index, (chord, step) in enumerate(_steps())]
    length = round(len(strokes) * BEAT * RATE)
    mixed = [0.0] * length
    for start, semitones in strokes:
        first = round(start * RATE)
        for offset in range(round(2.2 * RATE)):
            mixed[(first + offset) % length] += tone(semitones, offset / RATE)
    return [round(max(-1.0, min(1.0, value / 2.4)) * LOUDNESS) for value in mixed]


def _steps() -> list[tuple[tuple[int, ...], int]]:
    return [(chord, step) for chord in CHORDS for step in PATTERN]


def write(path: Path) -> None:
    """A WAV file as telephone networks take it: mono, 8 kHz, 16 bit."""
    data = samples()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(data)}h", *data))


if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""The speech in a recording, and windows over it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio, Samples


@contextmanager
def opened_speech() -> Iterator[Callable[[Audio, int], Samples]]:
    """Yield what takes the speech out of a recording: mono samples at a rate, one stretch after the other."""
    with SileroVad().open("cpu") as detect_speech:

        def speech(audio: Audio, rate_hz: int) -> Samples:
            spans = detect_speech(audio)
            if not spans:
                raise NothingFound(
                    "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking",
                    seconds=audio.duration_s,
                )
            samples = audio.at(rate_hz)
            return np.concatenate([samples[round(s.start_s * rate_hz) : round(s.end_s * rate_hz)] for s in spans])

        yield speech


def spread(begin: int, end: int, length: int, hop: int) -> list[int]:
    """Return where windows of `length` start, `hop` apart, the last one reaching to `end`; one if there is no room."""
    last = end - length
    if last <= begin:
        return [begin]
    return [*range(begin, last, hop), last]

"""Cutting a recording where nobody speaks, so that a recogniser works on stretches it can hold and no word is lost."""

from collections.abc import Iterator, Sequence

import numpy as np

from vivavoce.engines.abilities import Span
from vivavoce.media.audio import Samples

MAX_CHUNK_S = 25.0
MIN_PAUSE_S = 0.35  # shorter pauses lie inside a sentence
MARGIN_S = 0.25  # kept on both sides: voice activity cuts soft consonants


def chunks(spans: Sequence[Span], samples: Samples, rate_hz: int, max_s: float = MAX_CHUNK_S) -> Iterator[Span]:
    """Join spans into chunks, cut at pauses; a longer stretch is cut where it is quietest, nothing left out."""
    end_s = len(samples) / rate_hz
    joined: list[Span] = []
    for span in spans:
        if joined and (span.start_s - joined[-1].end_s < MIN_PAUSE_S) and span.end_s - joined[-1].start_s < max_s:
            joined[-1] = Span(joined[-1].start_s, span.end_s)
        else:
            joined.append(span)
    for number, span in enumerate(joined):
        before = joined[number - 1].end_s if number else 0.0
        after = joined[number + 1].start_s if number + 1 < len(joined) else end_s
        start_s = max(span.start_s - MARGIN_S, (before + span.start_s) / 2 if number else 0.0)
        stop_s = min(span.end_s + MARGIN_S, (span.end_s + after) / 2 if number + 1 < len(joined) else end_s)
        yield from _bounded(Span(start_s, stop_s), samples, rate_hz, max_s)


def _bounded(span: Span, samples: Samples, rate_hz: int, max_s: float) -> Iterator[Span]:
    while span.end_s - span.start_s > max_s:
        cut_s = _quietest(samples, rate_hz, span.start_s + 0.6 * max_s, span.start_s + max_s)
        yield Span(span.start_s, cut_s)
        span = Span(cut_s, span.end_s)
    yield span


def _quietest(samples: Samples, rate_hz: int, from_s: float, to_s: float) -> float:
    """Return the middle of the quietest 50 ms between two times."""
    width = rate_hz // 20
    window = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
    energy = np.square(window[: len(window) // width * width]).reshape(-1, width).sum(axis=1)
    return from_s + (int(np.argmin(energy)) + 0.5) * width / rate_hz

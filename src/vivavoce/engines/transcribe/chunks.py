"""Cutting a recording where nobody speaks, so that a recogniser works on stretches it can hold and no word is lost."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from vivavoce.engines.abilities import DetectSpeech, Span
from vivavoce.media.audio import Audio, Samples

MAX_CHUNK_S = 20.0
MIN_PAUSE_S = 0.3  # shorter pauses lie inside a sentence
FAR_S = 2.0  # after a longer pause something else begins
SHORT_S = 6.0  # a chunk this short gives the recogniser too little of the voice and of the sentence
WINDOW_S = 120.0
MARGIN_S = 0.25  # kept on both sides: voice activity cuts soft consonants


def chunks_by_window(
    detect_speech: DetectSpeech, samples: Samples, rate_hz: int, pack_s: float | None = None
) -> Iterator[Span]:
    """Find speech window by window, so that the first chunk of an hour comes at once.

    With `pack_s` chunks are as long as fit into it, pauses included, for a recogniser that takes as long for less.

    A window ends where its last chunk begins, and the next one starts there: no chunk is cut by a window's end.
    """
    max_s = pack_s or MAX_CHUNK_S
    start, width = 0, int(WINDOW_S * rate_hz)
    while start < len(samples):
        window = samples[start : start + width]
        found = list(chunks(detect_speech(Audio(window, rate_hz)), window, rate_hz, max_s, packed=pack_s is not None))
        last = start + width >= len(samples)
        complete = found if last or len(found) == 1 else found[:-1]
        yield from (Span(start / rate_hz + span.start_s, start / rate_hz + span.end_s) for span in complete)
        if last:
            return
        after_s = found[-1].start_s if len(found) > 1 else found[0].end_s if found else WINDOW_S - MARGIN_S
        start += int(after_s * rate_hz)


def chunks(
    spans: Sequence[Span], samples: Samples, rate_hz: int, max_s: float = MAX_CHUNK_S, packed: bool = False
) -> Iterator[Span]:
    """Join spans into chunks, cut at pauses; a longer stretch is cut where it is quietest, nothing left out.

    `packed` chunks hold as many spans as fit, however long the pauses.
    """
    joined = _joined(spans, max_s, packed)
    middles = [(before.end_s + after.start_s) / 2 for before, after in pairwise(joined)]
    ends_s = zip([0.0, *middles], [*middles, len(samples) / rate_hz], strict=True)
    for span, (earliest_s, latest_s) in zip(joined, ends_s if joined else (), strict=True):
        start_s, end_s = max(span.start_s - MARGIN_S, earliest_s), min(span.end_s + MARGIN_S, latest_s)
        yield from _bounded(Span(start_s, end_s), samples, rate_hz, max_s)


def _joined(spans: Sequence[Span], max_s: float, packed: bool) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined:
            last = joined[-1]
            pause_s = span.start_s - last.end_s
            same = packed or pause_s < MIN_PAUSE_S or (pause_s < FAR_S and last.end_s - last.start_s < SHORT_S)
            if same and span.end_s - last.start_s <= max_s:
                joined[-1] = Span(last.start_s, span.end_s)
                continue
        joined.append(span)
    return joined


def _bounded(span: Span, samples: Samples, rate_hz: int, max_s: float) -> Iterator[Span]:
    while span.end_s - span.start_s > max_s:
        cut_s = _quietest(samples, rate_hz, span.start_s + max_s / 2, span.start_s + max_s)
        yield Span(span.start_s, cut_s)
        span = Span(cut_s, span.end_s)
    yield span


def _quietest(samples: Samples, rate_hz: int, from_s: float, to_s: float) -> float:
    """Return the middle of the quietest fifth of a second between two times."""
    width = rate_hz // 5
    energy = np.cumsum(np.square(samples[int(from_s * rate_hz) : int(to_s * rate_hz)], dtype=np.float64))
    quietest = int(np.argmin(energy[width:] - energy[:-width]))
    return from_s + (quietest + width / 2) / rate_hz

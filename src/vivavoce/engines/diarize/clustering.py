"""Who speaks when: voiceprints of short windows, grouped by average linkage into as many voices as there are.

The constants were chosen on conversations joined from mini LibriSpeech and Mandarin Common Voice; `benchmarks/hear.py`
measures them on other speakers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Diarize, Span, Turn
from vivavoce.engines.contract import Ability, Card, Cost, port, require
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.embed.vectors import Vectors, unit
from vivavoce.engines.voiceprint.ge2e import HOP_S, WINDOW_S, opened_encoder
from vivavoce.engines.voiceprint.mel import RATE_HZ
from vivavoce.engines.voiceprint.speech import spread
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality

PAUSE_S = 0.3  # silence that ends a stretch of speech
SAME_VOICE = 0.39  # mean cosine distance up to which windows are one voice
FEWEST = 3  # windows of a voice of its own; what is less joins the voice next to it
LEAST_SHARE = 0.015  # of all windows, the same: odd moments pile up in a long recording
MOST_CLUSTERED = 6000  # windows, over an hour of speech: memory grows with the square
MOST_TRIED = 60  # cuts of the tree above the wanted number of voices

Labels = npt.NDArray[np.int64]
Tree = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class VoiceprintClusters:
    """How far apart two voices are at least."""

    same_voice: float = SAME_VOICE

    card: ClassVar[Card] = Card(
        name="voiceprint-clusters",
        ability=Ability.DIARIZE,
        takes=(port(Modality.SPEECH),),
        gives=None,
        summary="tells who speaks when, and how many there are",
        licence="Apache-2.0",
        extra="diarize",
        module="scipy",
        rate_hz=RATE_HZ,
        cost=Cost(fixed_s=0.5, per_unit_s=0.02, memory_gb=0.4, quality=0.7),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Diarize]:
        """Yield the diarizer; raise NotReady without the library. It runs on the CPU whatever `device` says."""
        require("scipy.cluster.hierarchy", "diarize")
        prints = opened_encoder()
        with SileroVad(min_silence_s=PAUSE_S).open(device) as detect_speech:

            def diarize(audio: Audio, speakers: int | None) -> list[Turn]:
                if speakers is not None and speakers < 1:
                    raise UsageError("{count} speakers make no conversation; give 1 or more", count=speakers)
                spans = detect_speech(audio)
                windows = [window for number, span in enumerate(spans) for window in _windows(number, span)]
                if not windows:
                    return []
                samples = audio.at(RATE_HZ)
                rows = prints([samples[round(w.start_s * RATE_HZ) : round(w.end_s * RATE_HZ)] for w in windows])
                return turns_of(spans, windows, voices(rows, self.same_voice, speakers))

            yield diarize


@dataclass(frozen=True)
class Window:
    """A stretch of time in seconds inside the span of speech of that number."""

    span: int
    start_s: float
    end_s: float


def _windows(number: int, span: Span) -> list[Window]:
    begin, end = round(span.start_s * RATE_HZ), round(span.end_s * RATE_HZ)
    length = round(WINDOW_S * RATE_HZ)
    starts = spread(begin, end, length, round(HOP_S * RATE_HZ))
    return [Window(number, start / RATE_HZ, min(start + length, end) / RATE_HZ) for start in starts]


def voices(rows: Vectors, same_voice: float, count: int | None) -> Labels:
    """Return the number of the voice of each row of length 1, `count` voices at most, or as many as it finds."""
    hierarchy = require("scipy.cluster.hierarchy", "diarize")
    step = -(-len(rows) // MOST_CLUSTERED)
    few = rows[::step]
    if len(few) < 2:
        return np.zeros(len(rows), np.int64)
    apart = few.astype(np.float64) + np.finfo(np.float32).tiny  # a row of zeros would have no angle
    tree = hierarchy.linkage(apart, "average", "cosine")
    if count is None:
        labels = hierarchy.fcluster(tree, same_voice, "distance")
        sizes = np.bincount(labels)
        fewest = max(FEWEST, round(LEAST_SHARE * len(few)))
        large = np.flatnonzero(sizes >= min(fewest, sizes.max()))
    else:
        labels, large = _cut(tree, count)
    centres = unit(np.stack([few[labels == voice].mean(axis=0) for voice in large]))
    return np.asarray((rows @ centres.T).argmax(axis=1), np.int64)


def _cut(tree: Tree, count: int) -> tuple[Labels, Labels]:
    """Cut the tree into groups of which `count` are large; return each row's group, and the large ones.

    The first groups to part are often a few odd windows, so some more cuts are tried before smaller groups will do.
    """
    hierarchy = require("scipy.cluster.hierarchy", "diarize")
    rows = len(tree) + 1
    count = min(count, rows)
    for fewest in range(FEWEST, 0, -1):
        for groups in range(count, min(rows, count + MOST_TRIED) + 1):
            labels = hierarchy.fcluster(tree, groups, "maxclust")
            sizes = np.bincount(labels)
            if np.count_nonzero(sizes >= fewest) >= count:
                return labels, np.argsort(-sizes, kind="stable")[:count]
    return np.ones(rows, np.int64), np.ones(1, np.int64)


def turns_of(spans: Sequence[Span], windows: Sequence[Window], labels: Labels) -> list[Turn]:
    """Return the turns: borders lie midway between windows; speakers are S1, S2, … as they come in."""
    pieces: list[tuple[int, float, float]] = []
    for number, inside in groupby(zip(windows, labels, strict=True), lambda pair: pair[0].span):
        own, found = zip(*inside, strict=True)
        centres = [(window.start_s + window.end_s) / 2 for window in own]
        borders = [spans[number].start_s, *((a + b) / 2 for a, b in pairwise(centres)), spans[number].end_s]
        smooth = without_islands([int(voice) for voice in found])
        pieces += [(voice, *edges) for voice, edges in zip(smooth, pairwise(borders), strict=True)]
    return _joined(pieces)


def without_islands(voices: Sequence[int]) -> list[int]:
    """Return the voices of successive windows, a single one between two of the same other voice taken over by it."""
    kept = list(voices)
    for at in range(1, len(kept) - 1):
        if kept[at - 1] == kept[at + 1] != kept[at]:
            kept[at] = kept[at - 1]
    return kept


def _joined(pieces: Sequence[tuple[int, float, float]]) -> list[Turn]:
    """Join pieces of one voice that touch or are a short pause apart."""
    names: dict[int, str] = {}
    turns: list[Turn] = []
    for voice, start_s, end_s in pieces:
        speaker = names.setdefault(voice, f"S{len(names) + 1}")
        if turns and turns[-1].speaker == speaker and start_s - turns[-1].end_s < PAUSE_S:
            turns[-1] = Turn(speaker, turns[-1].start_s, end_s)
        else:
            turns.append(Turn(speaker, start_s, end_s))
    return turns

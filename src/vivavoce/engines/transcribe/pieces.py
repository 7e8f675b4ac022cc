"""Speech as pieces for a recogniser that hears one stretch at a time: cut at pauses, and batched by length.

The first piece goes alone, so that the first words come early; those after it go together. Silence holds no piece.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np

from vivavoce.engines.abilities import DetectSpeech
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.options import Hints
from vivavoce.engines.torch_models import in_batches
from vivavoce.engines.transcribe.chunks import chunks_by_window
from vivavoce.errors import EngineError, NothingFound, UnsupportedLanguage
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.text import Segment

RATE_HZ = 16_000
AT_ONCE = {"cpu": 4, "mps": 8, "cuda": 32}  # pieces that go together
SHORTEST_FRAMES = RATE_HZ // 10  # a model's first layers need a few hundred samples; silence makes up the rest
EAGER_VAD = SileroVad(threshold=0.3, release=0.3, min_speech_s=0.0, min_silence_s=0.0, pad_s=0.0)

R = TypeVar("R")


@dataclass(frozen=True)
class Piece:
    """Mono samples float32 [frames] at `RATE_HZ`, which begin at `start_s` of a recording and last `duration_s`."""

    samples: Samples
    start_s: float
    duration_s: float


Recognise = Callable[[Sequence[Piece]], Sequence[Segment | None]]


def segments(audio: Audio, detect_speech: DetectSpeech, recognise: Recognise, size: int) -> Iterator[Segment]:
    """Yield what `recognise` makes of `size` pieces at a time; its times count from the start of the piece.

    Raises NothingFound where nobody speaks.
    """
    samples = audio.at(RATE_HZ)
    found = False
    for group in groups(pieces(detect_speech, samples), size):
        for piece, segment in zip(group, recognise(group), strict=True):
            if segment is not None:
                found = True
                yield segment.shifted(piece.start_s)
    if not found:
        raise NothingFound(
            "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking", seconds=audio.duration_s
        )


def pieces(detect_speech: DetectSpeech, samples: Samples) -> Iterator[Piece]:
    """Cut mono samples [frames] at `RATE_HZ` where nobody speaks."""
    for span in chunks_by_window(detect_speech, samples, RATE_HZ):
        cut = samples[int(span.start_s * RATE_HZ) : int(span.end_s * RATE_HZ)]
        padding = max(0, SHORTEST_FRAMES - len(cut))
        yield Piece(np.pad(cut, (0, padding)) if padding else cut, span.start_s, len(cut) / RATE_HZ)


def groups(found: Iterator[Piece], size: int) -> Iterator[list[Piece]]:
    """Yield the first piece alone, then `size` at a time."""
    group = list(islice(found, 1))
    while group:
        yield group
        group = list(islice(found, size))


def by_length(
    run: Callable[[Sequence[Samples]], Sequence[R]], together: Sequence[Piece], size: int, device: str
) -> list[R]:
    """Return `run` of each piece in order; pieces of like length go through it together, so that few are padded much.

    Raises OutOfMemory when the device can't hold a single piece.
    """
    order = sorted(range(len(together)), key=lambda number: len(together[number].samples))
    results = in_batches(run, [together[number].samples for number in order], size, device)
    placed = dict(zip(order, results, strict=True))
    return [placed[number] for number in range(len(together))]


def spoken_language(hints: Hints, model: Checkpoint) -> str | None:
    """Return the language to expect: what was asked for, else the model's only one; None when nothing says.

    Raises UnsupportedLanguage for one that the model doesn't know.
    """
    if hints.language and model.languages and hints.language not in model.languages:
        raise UnsupportedLanguage(
            "{engine} does not know the language “{language}”; give one of {known}",
            engine=model.alias,
            language=hints.language,
            known=", ".join(model.languages),
        )
    return hints.language or (model.languages[0] if len(model.languages) == 1 else None)


def refuse_translation(hints: Hints, engine: str) -> None:
    """Raise EngineError when a translation is asked of a recogniser that only writes down."""
    if hints.task == "translate":
        raise EngineError(
            "{engine} writes down and does not translate; run: viva models pull {model}",
            engine=engine,
            model="faster-whisper-small",
        )

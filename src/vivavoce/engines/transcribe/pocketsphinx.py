"""pocketsphinx: English speech to timed words on any CPU. Fast, small, and of low accuracy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from vivavoce.engines.abilities import Hints, Transcribe
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.transcribe.chunks import chunks
from vivavoce.errors import NothingFound, UnsupportedLanguage, UsageError
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Word

RATE_HZ = 16_000  # what the model was trained at
FRAME_S = 0.01
FILLERS = ("<s>", "</s>", "<sil>", "[NOISE]", "[SPEECH]", "(NULL)")


@dataclass(frozen=True, kw_only=True)
class PocketSphinx:
    """How to load it; nothing heavy happens before `open`."""

    card: ClassVar[Card] = Card(
        name="pocketsphinx",
        ability=Ability.TRANSCRIBE,
        takes=(port(Modality.SPEECH),),
        gives=port(Modality.TEXT, Trait.TIMED),
        summary="English, low accuracy, the time of each word, grammars",
        licence="BSD-2-Clause",
        languages=("en",),
        rate_hz=RATE_HZ,
        cost=Cost(fixed_s=0.4, per_unit_s=0.3, memory_gb=0.15, quality=0.4),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; it runs on the CPU whatever `device` says."""
        from pocketsphinx import Decoder

        decoder = Decoder(loglevel="FATAL")
        with SileroVad().open("cpu") as detect_speech:

            def transcribe(audio: Audio, hints: Hints) -> Iterator[Segment]:
                if hints.language not in (None, "en"):
                    raise UnsupportedLanguage(
                        "pocketsphinx knows English only, got {language}; run: viva models pull {model}",
                        language=hints.language,
                        model="faster-whisper-small",
                    )
                samples = audio.at(RATE_HZ)
                spans = detect_speech(Audio(samples, RATE_HZ))
                _choose_search(decoder, hints.grammar)
                found = False
                for span in chunks(spans, samples, RATE_HZ):
                    piece = samples[int(span.start_s * RATE_HZ) : int(span.end_s * RATE_HZ)]
                    segment = _decode(decoder, piece)
                    if segment is not None:
                        found = True
                        yield segment.shifted(span.start_s)
                if not found:
                    raise NothingFound(
                        "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking",
                        seconds=audio.duration_s,
                    )

            yield transcribe


def _choose_search(decoder: Any, grammar: str) -> None:  # noqa: ANN401 - pocketsphinx has no types
    if not grammar:
        decoder.activate_search("_default")
        return
    try:
        decoder.add_jsgf_string("grammar", grammar)
    except (RuntimeError, ValueError) as error:
        raise UsageError("this is no valid JSGF grammar; see https://www.w3.org/TR/jsgf/") from error
    decoder.activate_search("grammar")


def _decode(decoder: Any, samples: Samples) -> Segment | None:  # noqa: ANN401
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    words = [
        Word(seg.word.partition("(")[0], seg.start_frame * FRAME_S, (seg.end_frame + 1) * FRAME_S)
        for seg in decoder.seg() or ()
        if seg.word not in FILLERS and not seg.word.startswith(("[", "<"))
    ]
    if not words:
        return None
    return Segment(" ".join(w.text for w in words), words[0].start_s, words[-1].end_s, tuple(words))

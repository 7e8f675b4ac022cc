"""pocketsphinx: English speech to timed words on any CPU. Fast, small, and of low accuracy.

The acoustic model is the library's own. The language model beside this file is built by `recipes/english_trigram` from
books in the public domain and openly licensed sentences. Each chunk is decoded whole, so that the cepstral mean is
taken over all of it, and at the level it has; every other setting that was tried made things worse (docs/results).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Any, ClassVar

import numpy as np

from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.options import Hints
from vivavoce.engines.transcribe.chunks import chunks_by_window
from vivavoce.errors import EngineError, NothingFound, UnsupportedLanguage, UsageError
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Word

RATE_HZ = 16_000  # what the model was trained at
FRAME_S = 0.01
FILLER_MARKS = ("<", "[", "(", "+")  # silence and noises
GRAMMAR = "grammar"
EAGER_VAD = SileroVad(threshold=0.3, release=0.3, min_speech_s=0.0, min_silence_s=0.0, pad_s=0.0)


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
        grammars=True,
        rate_hz=RATE_HZ,
        cost=Cost(fixed_s=0.4, per_unit_s=0.3, memory_gb=0.15, quality=0.4),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; it runs on the CPU whatever `device` says."""
        from pocketsphinx import Decoder

        with (
            resources.as_file(resources.files(__package__).joinpath("english.lm.bin")) as language_model,
            EAGER_VAD.open("cpu") as detect_speech,
        ):
            decoder = Decoder(lm=str(language_model), loglevel="FATAL")

            def transcribe(audio: Audio, hints: Hints) -> Iterator[Segment]:
                if hints.language not in (None, "en"):
                    raise UnsupportedLanguage(
                        "pocketsphinx knows English only, got {language}; run: viva models pull {model}",
                        language=hints.language,
                        model="faster-whisper-small",
                    )
                if hints.task == "translate":
                    raise EngineError(
                        "pocketsphinx writes down and does not translate; run: viva models pull {model}",
                        model="faster-whisper-small",
                    )
                samples = audio.at(RATE_HZ)
                found = False
                for span in chunks_by_window(detect_speech, samples, RATE_HZ):
                    piece = samples[int(span.start_s * RATE_HZ) : int(span.end_s * RATE_HZ)]
                    _choose_search(decoder, hints.grammar)  # each time: somebody else may have had a turn
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
        decoder.add_jsgf_string(GRAMMAR, grammar)
    except (RuntimeError, ValueError) as error:
        raise UsageError("this is no JSGF grammar of English words; see https://www.w3.org/TR/jsgf/") from error
    decoder.activate_search(GRAMMAR)


def _decode(decoder: Any, samples: Samples) -> Segment | None:  # noqa: ANN401
    """Decode mono samples [frames] and return what was said, times from their start; None if it was nothing."""
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    words = tuple(
        Word(
            found.word.partition("(")[0],  # "read(2)" is another way to say "read"
            found.start_frame * FRAME_S,
            (found.end_frame + 1) * FRAME_S,
            min(1.0, found.prob),
        )
        for found in decoder.seg() or ()
        if not found.word.startswith(FILLER_MARKS)
    )
    if not words:
        return None
    confidence = sum(word.confidence or 0.0 for word in words) / len(words)
    text = " ".join(word.text for word in words)
    return Segment(text, words[0].start_s, words[-1].end_s, words, confidence)

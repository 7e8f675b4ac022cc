"""Encoders trained with CTC, by transformers: wav2vec 2.0, HuBERT, WavLM and w2v-BERT 2.0, speech to timed text.

Without a language model the likeliest token of each frame is written. With one in the model's folder, or with words to
expect, a beam search weighs whole words.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port, require
from vivavoce.engines.options import Hints
from vivavoce.engines.torch_models import loaded
from vivavoce.engines.transcribe.ctc_beam import BeamSearch, HotWords, Scorer, hot_phrases
from vivavoce.engines.transcribe.ctc_emissions import Emissions, LogProbs
from vivavoce.engines.transcribe.ctc_language_model import language_model
from vivavoce.engines.transcribe.ctc_text import Alphabet, Emitted, aligned, likeliest, segment, words
from vivavoce.engines.transcribe.pieces import (
    EAGER_VAD,
    RATE_HZ,
    Piece,
    by_length,
    refuse_translation,
    segments,
    spoken_language,
)
from vivavoce.errors import EngineError
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import UNSPACED, Segment

MODEL_TYPES = ("wav2vec2", "hubert", "wavlm", "wav2vec2-bert")
TOGETHER = {"cpu": 1, "mps": 8, "cuda": 32}  # pieces; on a CPU a batch gains nothing, and padding costs


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (CtcRecogniser(model=model),)


@dataclass(frozen=True, kw_only=True)
class CtcRecogniser:
    """Which weights, and how many beams a search with a language model keeps."""

    model: Checkpoint
    beam_width: int = 50

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.TRANSCRIBE,
            (port(Modality.SPEECH),),
            port(Modality.TEXT, Trait.TIMED),
            "writes down speech by CTC, the time of each word; hot words, a language model",
        )
        return replace(card, rate_hz=RATE_HZ)

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; raise NotReady without the libraries or the weights."""
        folder = self.model.path()
        transformers = require("transformers", "hub")
        alphabet = _alphabet(folder)
        extractor = transformers.AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
        scorer = language_model(folder)
        with loaded(transformers.AutoModelForCTC, folder, device) as model, EAGER_VAD.open("cpu") as detect_speech:
            emissions = Emissions(model, extractor, device)
            size = 1 if emissions.alone else TOGETHER[device]

            def transcribe(audio: Audio, hints: Hints) -> Iterator[Segment]:
                refuse_translation(hints, self.card.name)
                language = spoken_language(hints, self.model)
                decode = self._decoder(alphabet, scorer, hints, language)

                def recognise(together: Sequence[Piece]) -> list[Segment | None]:
                    heard = by_length(emissions, together, size, device)
                    return [
                        segment(words(decode(found), alphabet, emissions.frame_s, language), piece.duration_s, language)
                        for found, piece in zip(heard, together, strict=True)
                    ]

                yield from segments(audio, detect_speech, recognise, size)

            yield transcribe

    def _decoder(
        self, alphabet: Alphabet, scorer: Scorer | None, hints: Hints, language: str | None
    ) -> Callable[[LogProbs], list[Emitted]]:
        each = language in UNSPACED
        expected = hot_phrases(hints.hot_words, alphabet, each)
        judge = HotWords(expected, scorer) if expected else scorer
        if judge is None:
            return lambda log_probs: likeliest(log_probs, alphabet)
        search = BeamSearch(alphabet=alphabet, scorer=judge, width=self.beam_width, each=each)
        return lambda log_probs: aligned(log_probs, search(log_probs), alphabet)


def _alphabet(folder: Path) -> Alphabet:
    transformers = require("transformers", "hub")
    try:
        return Alphabet.of(transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EngineError(
            "the folder {path} holds no tokenizer of a CTC model ({reason}); name one that does",
            path=folder,
            reason=str(error).split("\n")[0][:200],
        ) from error

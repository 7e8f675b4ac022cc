"""Whisper (Radford et al., 2022) by CTranslate2: speech to timed text in 99 languages, int8 on a CPU.

Takes a CTranslate2 folder, or a transformers checkpoint, which is converted once and kept in the user's cache folder.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port, require
from vivavoce.engines.conversion import converted
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.transcribe.log_mel import RATE_HZ, Features
from vivavoce.engines.transcribe.whisper_network import Alignment, Decoding, Draft, Search
from vivavoce.engines.transcribe.whisper_recogniser import Recogniser
from vivavoce.engines.transcribe.whisper_vocabulary import Vocabulary
from vivavoce.errors import EngineError, OutOfMemory
from vivavoce.media.modality import Modality

MODEL_TYPES = ("whisper", "whisper-ct2")
CUDA_TYPES = ("bfloat16", "int8_float16", "float16")  # the first that the device has

R = TypeVar("R")


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (WhisperCt2(model=model),)


@dataclass(frozen=True, kw_only=True)
class WhisperCt2:
    """Which weights, and how to search."""

    model: Checkpoint
    decoding: Decoding = field(default_factory=Decoding)

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.TRANSCRIBE,
            (port(Modality.SPEECH),),
            port(Modality.TEXT, Trait.TIMED),
            "Whisper in 99 languages, the time of each word",
        )
        return replace(card, rate_hz=RATE_HZ, extra="whisper", module="ctranslate2", licence="MIT")

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; raise NotReady without the library or the weights, EngineError for a folder of others.

        CTranslate2 knows no MPS devices; there it runs on the CPU.
        """
        library = require("ctranslate2", "whisper")
        device = "cuda" if device == "cuda" else "cpu"
        kind = _compute_type(library, device)
        folder = self.model.path()
        if not library.contains_model(str(folder)) and not any(folder.glob("*.safetensors")):
            raise _no_model(folder, "neither model.bin nor safetensors")
        vocabulary = Vocabulary.of(folder)
        folder = converted(folder, kind)
        try:
            threads = self.decoding.threads or _cores()
            whisper = library.models.Whisper(str(folder), device=device, compute_type=kind, intra_threads=threads)
        except (RuntimeError, ValueError, OSError) as error:
            raise _no_model(folder, str(error)) from error
        network = Ct2Network(library, whisper, vocabulary)
        with SileroVad().open("cpu") as detect_speech:
            try:
                yield Recogniser(network, vocabulary, detect_speech, self.model.languages, self.decoding)
            finally:
                whisper.unload_model()


def _no_model(folder: Path, reason: str) -> EngineError:
    return EngineError(
        "the folder {path} holds no Whisper model that CTranslate2 can run ({reason}); name one that does",
        path=folder,
        reason=reason,
    )


def _compute_type(library: Any, device: str) -> str:  # noqa: ANN401 - a module without types
    known = library.get_supported_compute_types(device)
    wanted = CUDA_TYPES if device == "cuda" else ("int8",)
    return next((kind for kind in wanted if kind in known), "float32")


def _cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Ct2Network:
    """A model of CTranslate2 behind the protocol `Network`; encoded sound is a StorageView [B, T / 2, D]."""

    library: Any
    whisper: Any
    vocabulary: Vocabulary

    @property
    def bands(self) -> int:
        """Return the number of mel bands."""
        return int(self.whisper.n_mels)

    def encode(self, features: Features) -> Any:  # noqa: ANN401 - a StorageView
        """Encode float32 [B, M, T]."""
        view = self.library.StorageView.from_array(np.ascontiguousarray(features))
        return _guarded(lambda: self.whisper.encode(view))

    def detect(self, encoded: Any) -> list[dict[str, float]]:  # noqa: ANN401
        """Return the probability of each language, for each chunk; of none by a model that writes one only."""
        if not self.whisper.is_multilingual:
            return [{}] * encoded.shape[0]
        found = _guarded(lambda: self.whisper.detect_language(encoded))
        return [{name.strip("<|>"): float(value) for name, value in row} for row in found]

    def write(self, encoded: Any, opening: Sequence[int], search: Search) -> list[Draft]:  # noqa: ANN401
        """Write on from `opening`."""
        sampled = search.temperature > 0
        results = _guarded(
            lambda: self.whisper.generate(
                encoded,
                [list(opening)] * encoded.shape[0],
                beam_size=1 if sampled else search.beam_width,
                sampling_topk=0 if sampled else 1,
                sampling_temperature=search.temperature if sampled else 1.0,
                max_length=max(2 * search.most_tokens, len(opening) - 1 + search.most_tokens),  # it writes half of it
                return_scores=True,
                return_no_speech_prob=True,
            )
        )
        return [_draft(result) for result in results]

    def align(
        self,
        encoded: Any,  # noqa: ANN401
        opening: Sequence[int],
        texts: list[list[int]],
        frames: list[int],
    ) -> list[Alignment]:
        """Find when each token is said. CTranslate2 adds the token for text without times itself.

        It lets what pads the shorter texts count, but for chunks of unequal length; so those of equal length go alone.
        """
        own = [number for number in opening if number != self.vocabulary.number("notimestamps")]
        padded = len({len(text) for text in texts}) > 1 and len({count // 2 for count in frames}) == 1
        given = zip(self._alone(encoded), texts, frames, strict=True) if padded else ()
        found = _guarded(
            lambda: (
                [self.whisper.align(row, own, [text], [count])[0] for row, text, count in given]
                if padded
                else self.whisper.align(encoded, own, texts, frames)
            )
        )
        return [_alignment(row, len(text)) for row, text in zip(found, texts, strict=True)]

    def _alone(self, encoded: Any) -> list[Any]:  # noqa: ANN401 - StorageViews, which cannot be sliced
        values = np.asarray(encoded.to(self.library.DataType.float32).to_device(self.library.Device.cpu))
        return [self.library.StorageView.from_array(np.ascontiguousarray(row[np.newaxis])) for row in values]


def _draft(result: Any) -> Draft:  # noqa: ANN401 - CTranslate2's result
    tokens = result.sequences_ids[0]
    total = result.scores[0] * len(tokens)  # the score is a mean over the tokens without the end
    return Draft(tokens, float(total) / (len(tokens) + 1), float(result.no_speech_prob))


def _alignment(found: Any, count: int) -> Alignment:  # noqa: ANN401 - CTranslate2's result
    starts: dict[int, int] = {}
    for token, frame in found.alignments:
        starts.setdefault(token, frame)
    last = max(starts.values(), default=0)
    return Alignment([starts.get(n, last) for n in range(count + 1)], [float(p) for p in found.text_token_probs])


def _guarded(call: Callable[[], R]) -> R:
    """Call CTranslate2; raise OutOfMemory for what it says when memory runs out."""
    try:
        return call()
    except RuntimeError as error:
        if "out of memory" not in str(error).lower():
            raise
        raise OutOfMemory(
            "the memory of the device is too small for this; give it less at once or a smaller model"
        ) from error

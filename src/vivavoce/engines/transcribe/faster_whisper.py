"""Whisper by faster-whisper (CTranslate2): speech to timed text in 99 languages, on CPU or CUDA."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.contract import Ability, Card, Cost, Trait, Weights, port, require
from vivavoce.engines.hub import folder_of
from vivavoce.engines.options import Hints
from vivavoce.errors import EngineError, NothingFound, NotReady, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Word

RATE_HZ = 16_000  # what the models were trained at
COMPUTE_TYPE = {"cpu": "int8", "cuda": "int8_float16"}

# Size of the download, memory as int8, seconds for a second of sound on two CPU cores, quality relative to a person.
SIZES: dict[str, tuple[str, int, float, float, float]] = {
    "tiny": ("Systran/faster-whisper-tiny", 78, 0.3, 0.10, 0.72),
    "base": ("Systran/faster-whisper-base", 148, 0.4, 0.18, 0.78),
    "small": ("Systran/faster-whisper-small", 486, 0.8, 0.5, 0.86),
    "medium": ("Systran/faster-whisper-medium", 1530, 2.0, 1.6, 0.90),
    "large-v3": ("Systran/faster-whisper-large-v3", 3090, 3.9, 3.0, 0.94),
}


@dataclass(frozen=True, kw_only=True)
class FasterWhisper:
    """Which model, as a size or a folder of CTranslate2 files, and how to decode."""

    model: str = "small"
    beam_width: int = 5

    @property
    def card(self) -> Card:
        """Describe this size of the model."""
        local = self.model not in SIZES
        repository, size_mb, memory_gb, per_second_s, quality = SIZES.get(self.model, (self.model, 0, 1.0, 0.3, 0.8))
        return Card(
            name=f"faster-whisper:{Path(self.model).resolve()}" if local else f"faster-whisper-{self.model}",
            ability=Ability.TRANSCRIBE,
            takes=(port(Modality.SPEECH),),
            gives=port(Modality.TEXT, Trait.TIMED),
            summary="Whisper in 99 languages, the time of each word",
            licence="MIT",
            rate_hz=RATE_HZ,
            extra="whisper",
            module="faster_whisper",
            weights=None if local else Weights(repository=repository, revision="main", size_mb=size_mb, licence="MIT"),
            tier="hub",
            cost=Cost(fixed_s=1.5, per_unit_s=per_second_s, memory_gb=memory_gb, quality=quality),
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; raise NotReady without the library or the weights."""
        library = require("faster_whisper", "whisper")
        device = device if device in COMPUTE_TYPE else "cpu"  # CTranslate2 knows no other
        folder = self._folder()
        if not (folder / "tokenizer.json").is_file():  # the library would go online for it
            raise EngineError("the folder {path} holds no tokenizer.json; add the model's own", path=folder)
        try:
            whisper = library.WhisperModel(
                str(folder), device=device, compute_type=COMPUTE_TYPE[device], local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineError(
                "the folder {path} holds no CTranslate2 Whisper model ({reason}); name one that does",
                path=folder,
                reason=error,
            ) from error

        def transcribe(audio: Audio, hints: Hints) -> Iterator[Segment]:
            if hints.language and hints.language not in whisper.supported_languages:
                raise UnsupportedLanguage(
                    "Whisper does not know the language “{language}”; give a code such as en or zh",
                    language=hints.language,
                )
            segments, _ = whisper.transcribe(
                audio.at(RATE_HZ),
                language=hints.language,
                task=hints.task,
                initial_prompt=hints.prompt or None,
                beam_size=self.beam_width,
                word_timestamps=True,
                vad_filter=True,
            )
            found = False
            for raw in segments:
                found = True
                yield _segment(raw, audio.duration_s)
            if not found:
                raise NothingFound(
                    "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking",
                    seconds=audio.duration_s,
                )

        yield transcribe

    def _folder(self) -> Path:
        weights = self.card.weights
        folder = folder_of(weights) if weights else Path(self.model)
        if folder is None:
            raise NotReady(
                "the weights of {engine} are not on disk; run: viva models pull {engine}", engine=self.card.name
            )
        return folder


def _segment(raw: Any, end_s: float) -> Segment:  # noqa: ANN401 - faster-whisper's own named tuple
    def clamp(time_s: float) -> float:
        return min(max(float(time_s), 0.0), end_s)

    words = tuple(Word(w.word.strip(), clamp(w.start), clamp(w.end), float(w.probability)) for w in raw.words or ())
    return Segment(raw.text.strip(), clamp(raw.start), clamp(raw.end), words, math.exp(min(0.0, raw.avg_logprob)))

"""SpeechT5 (Ao et al., 2022) with HiFi-GAN by transformers: English in the voice of an enrolled person.

It needs a voiceprint, so it speaks only in voices that were enrolled with consent: see `voiceprints`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.abilities import Speak
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, Weights, port, require
from vivavoce.engines.hub import folder_of
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.prosody import fitting
from vivavoce.engines.speak.voiceprints import enrolled, names
from vivavoce.engines.speak.voicing import Speaker, Take
from vivavoce.engines.torch_models import loaded
from vivavoce.errors import EngineError, NotReady, UnknownVoice
from vivavoce.media.audio import Samples
from vivavoce.media.modality import Modality

MODEL_TYPES = ("speecht5",)
VOCODER = Weights(repository="microsoft/speecht5_hifigan", revision="main", size_mb=51, licence="MIT")


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (SpeechT5Speaker(model=model),)


@dataclass(frozen=True, kw_only=True)
class SpeechT5Speaker:
    """Which weights; the vocoder is in the folder `vocoder` of them, or in the hub cache."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.SPEAK,
            (port(Modality.TEXT),),
            port(Modality.SPEECH, Trait.SPOKEN),
            "the voice of a person who was enrolled with consent",
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; raise NotReady without the library or the weights."""
        folder = self.model.path()
        vocoder_folder = self._vocoder(folder)
        transformers, torch = require("transformers", "hub"), require("torch", "hub")
        tokenizer = transformers.SpeechT5Tokenizer.from_pretrained(folder, normalize=False, local_files_only=True)
        # Both are small, and a mel spectrum loses its quiet parts in half precision.
        with (
            loaded(transformers.SpeechT5ForTextToSpeech, folder, device, dtype=torch.float32) as model,
            loaded(transformers.SpeechT5HifiGan, vocoder_folder, device, dtype=torch.float32) as vocoder,
        ):
            rate_hz = int(vocoder.config.sampling_rate)

            def tokens(said: str) -> int:
                return len(tokenizer(said).input_ids)

            def sound(said: str, who: Any) -> Samples:  # noqa: ANN401 - a tensor [1, width]
                ids = tokenizer(said, return_tensors="pt").input_ids.to(device)
                with torch.inference_mode():
                    made = model.generate_speech(ids, who, vocoder=vocoder)
                return np.atleast_1d(made.float().cpu().numpy())

            def say(clause: Clause, voice: Voice) -> Iterator[Take]:
                who = self._voiceprint(voice.name, model).to(device)
                parts = fitting(clause.said, tokens, int(model.config.max_text_positions))
                yield Take(np.concatenate([sound(part, who) for part in parts]), rate_hz, clause.written)

            yield Speaker(name=self.card.name, languages=self.model.languages, say=say, own_speed=False)

    def _vocoder(self, folder: Path) -> Path:
        own = folder / "vocoder"
        found = own if own.is_dir() else folder_of(VOCODER)
        if found is None:
            raise NotReady(
                "the vocoder of {engine} is not on disk; run: viva models pull {repository}",
                engine=self.card.name,
                repository=VOCODER.repository,
            )
        return found

    def _voiceprint(self, name: str, model: Any) -> Any:  # noqa: ANN401 - a model of transformers, a tensor [1, width]
        if not name:
            raise UnknownVoice(
                "{engine} speaks only in the voice of an enrolled person, and none was named; choose one of {known}",
                engine=self.card.name,
                known=", ".join(names()) or "–",
            )
        vector, width = enrolled(name).vector, int(model.config.speaker_embedding_dim)
        if len(vector) != width:
            raise EngineError(
                "the voiceprint of “{name}” has {got} numbers, and {engine} takes {width}; "
                "enrol the voice again by a voiceprint model of that width",
                name=name,
                got=len(vector),
                engine=self.card.name,
                width=width,
            )
        return require("torch", "hub").from_numpy(vector)[None]

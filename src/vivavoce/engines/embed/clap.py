"""CLAP (Wu et al., 2022; arXiv 2211.06687) by transformers: sounds and English text in one space.

A sound longer than the model's ten seconds gets the mean of its windows, a text longer than its limit the mean of its
parts.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Embed
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, Card, port, require
from vivavoce.engines.embed.vectors import (
    Value,
    Vectors,
    batched_by_length,
    in_order,
    mean_of_parts,
    token_windows,
    unit,
)
from vivavoce.engines.hear.windows import windows
from vivavoce.engines.sharing import shared
from vivavoce.engines.torch_models import data_type, in_batches, loaded, pretrained
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

BATCH = 8


@dataclass(frozen=True, kw_only=True)
class ClapEmbedder:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        takes = (port(Modality.SPEECH), port(Modality.TEXT))
        card = self.model.card(Ability.EMBED, takes, None, "sounds and English text in one space", edge="embed")
        return replace(card, languages=("en",))

    @contextmanager
    def open(self, device: str) -> Iterator[Embed]:
        """Yield the embedder; raise NotReady without the library or the weights."""
        with opened_clap(self.model, device) as (clap, turn):
            kinds = {Audio: clap.sounds, Text: lambda texts: clap.texts([text.text for text in texts])}

            def embed(values: Sequence[Value]) -> Vectors:
                with turn:
                    return in_order(values, clap.width, kinds, self.card.name)

            yield embed


def opened_clap(model: Checkpoint, device: str) -> AbstractContextManager[tuple["Clap", threading.Lock]]:
    """Give the model in memory, one for all engines on these weights, and the lock to hold while it is used."""
    folder = model.path()
    return shared(("clap", folder, device), lambda: _load(folder, device))


@contextmanager
def _load(folder: Path, device: str) -> Iterator["Clap"]:
    transformers = require("transformers", "hub")
    extractor = pretrained(transformers.ClapFeatureExtractor, folder)
    tokenizer = pretrained(transformers.AutoTokenizer, folder)
    with loaded(transformers.ClapModel, folder, device) as model:
        yield Clap(model, extractor, tokenizer, device)


@dataclass(frozen=True)
class Clap:
    """A model, its feature extractor and its tokenizer, on a device."""

    model: Any
    extractor: Any
    tokenizer: Any
    device: str

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self.model.config.projection_dim)

    @property
    def longest_text(self) -> int:
        """The most tokens that it reads at once; RoBERTa counts its positions from the padding token on."""
        config = self.model.config.text_config
        return int(config.max_position_embeddings) - int(config.pad_token_id) - 1

    @property
    def sharpness(self) -> float:
        """What cosines are multiplied by before they become probabilities."""
        return float(self.model.logit_scale_a.detach().exp())

    def sound_windows(self, audio: Audio) -> Vectors:
        """Return a row for each window of a sound, float32 [windows, width]."""
        parts = windows(audio.at(int(self.extractor.sampling_rate)), int(self.extractor.nb_max_samples))
        return unit(np.stack(in_batches(self._hear, parts, BATCH, self.device)))

    def sounds(self, audios: Sequence[Audio]) -> Vectors:
        """Return a row for each sound, float32 [audios, width]."""
        rate_hz, longest = int(self.extractor.sampling_rate), int(self.extractor.nb_max_samples)
        cut = [windows(audio.at(rate_hz), longest) for audio in audios]
        owners = [number for number, parts in enumerate(cut) for _ in parts]
        rows = in_batches(self._hear, [part for parts in cut for part in parts], BATCH, self.device)
        return mean_of_parts(np.stack(rows), owners, len(audios))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text, float32 [texts, width]."""
        parts, owners = token_windows(self.tokenizer, texts, self.longest_text)
        return mean_of_parts(batched_by_length(self._read, parts, self.device), owners, len(texts))

    def _hear(self, parts: Sequence[Samples]) -> list[npt.NDArray[np.float32]]:
        torch = require("torch", "hub")
        inputs = self.extractor(list(parts), sampling_rate=self.extractor.sampling_rate, return_tensors="pt")
        features = inputs["input_features"].to(self.device, data_type(self.device))
        none_longer = torch.zeros(
            (len(parts), 1), dtype=torch.bool, device=self.device
        )  # the extractor picks at random
        with torch.inference_mode():
            found = self.model.get_audio_features(input_features=features, is_longer=none_longer).pooler_output
        return list(found.float().cpu().numpy())

    def _read(self, parts: Sequence[list[int]]) -> list[npt.NDArray[np.float32]]:
        torch = require("torch", "hub")
        inputs = self.tokenizer.pad({"input_ids": list(parts)}, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            found = self.model.get_text_features(**inputs).pooler_output
        return list(found.float().cpu().numpy())

"""Qwen2.5-Omni and Qwen3-Omni (Xu et al., 2025) by transformers: text, pictures and sound in, text and speech out."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import AnyEngine, require
from vivavoce.engines.omni.listening import RATE_HZ, Listener
from vivavoce.engines.omni.reading_aloud import Reader
from vivavoce.engines.see.looking import Answerer, Converser, Describer, Watcher
from vivavoce.engines.see.patches import joined, patches, tokens_of
from vivavoce.engines.see.prompts import chat_template, filled, rendered
from vivavoce.engines.see.seer import Conversation, Seer
from vivavoce.engines.sharing import shared
from vivavoce.engines.torch_models import data_type, loaded, pretrained
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality

CLASSES = {
    "qwen2_5_omni": "Qwen2_5OmniForConditionalGeneration",
    "qwen3_omni_moe": "Qwen3OmniMoeForConditionalGeneration",
}
MODEL_TYPES = tuple(CLASSES)
MOST_PICTURES = 16
HOP = 160  # samples of a frame of log-mel
LAST_WINDOW = 400  # samples that the last frame reaches over
SHORTEST = 10 * HOP  # samples: less gives the model no feature


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (
        Answerer(model=model, load=load),
        Answerer(model=model, load=load, of=Modality.VIDEO),
        Describer(model=model, load=load),
        Watcher(model=model, load=load),
        Converser(model=model, load=load, of=(Modality.TEXT, Modality.IMAGE, Modality.SPEECH)),
        Listener(model=model, load=load),
        Reader(model=model, load=load_whole),
    )


@contextmanager
def load(model: Checkpoint, device: str) -> Iterator[Seer]:
    """Yield the part that sees, hears and writes; raise NotReady without library or weights."""
    with load_whole(model, device) as (_, seer):
        yield seer


@contextmanager
def load_whole(model: Checkpoint, device: str) -> Iterator[tuple[Any, Seer]]:
    """Yield the whole model and its part that writes, shared by all engines on the same weights."""
    folder = model.path()
    with shared((str(folder), device), lambda: _senses(folder, device)) as (senses, turn):
        yield senses.whole, senses.seer(model.alias, turn)


@dataclass(frozen=True, kw_only=True)
class _Senses:
    """A model and what prepares its inputs; the processor of transformers can't be built without torchvision."""

    whole: Any
    tokenizer: Any
    pictures: Any
    sounds: Any
    template: str
    device: str

    @property
    def thinker(self) -> Any:  # noqa: ANN401 - a model of transformers
        return self.whole.thinker

    def seer(self, name: str, turn: threading.Lock) -> Seer:
        def prepare(conversations: Sequence[Conversation]) -> dict[str, Any]:
            return self.prepared(name, conversations)

        return Seer(
            name=name,
            model=self.thinker,
            tokenizer=self.tokenizer,
            prepare=prepare,
            turn=turn,
            device=self.device,
            limit=int(self.thinker.config.text_config.max_position_embeddings),
            most=MOST_PICTURES,
            hears=True,
        )

    def prepared(self, name: str, conversations: Sequence[Conversation]) -> dict[str, Any]:
        picture, sound = (
            self.tokenizer.convert_ids_to_tokens(number)
            for number in (self.thinker.config.image_token_id, self.thinker.config.audio_token_id)
        )
        texts, looks, heard = [], list[dict[str, Any]](), list[Audio]()
        for conversation in conversations:
            images = [image for message in conversation for image in message.images]
            sounds = [audio for message in conversation for audio in message.sounds]
            look = patches(self.pictures, images) if images else {}
            counts = tokens_of(self.pictures, look)
            text = filled(rendered(self.tokenizer, self.template, conversation), picture, counts, name)
            texts.append(filled(text, sound, [self._tokens(audio) for audio in sounds], name))
            looks += [look] if look else []
            heard += sounds
        words = self.tokenizer(texts, padding=True, padding_side="left", return_tensors="pt").to(self.device)
        seen = joined(looks, self.device) if looks else {}
        return {**dict(words), **seen, **(self._listen(heard) if heard else {})}

    def _listen(self, sounds: Sequence[Audio]) -> dict[str, Any]:
        """Return log-mel features [sounds, bands, frames] and which frames are real; only these are computed on."""
        torch = require("torch", "hub")
        heard = [_samples(audio) for audio in sounds]
        frames = [len(samples) // HOP for samples in heard]
        length = -(-(max(len(samples) for samples in heard) + LAST_WINDOW) // HOP) * HOP
        features = self.sounds(
            heard, sampling_rate=RATE_HZ, padding="max_length", max_length=length, return_tensors="pt"
        ).input_features
        mask = torch.arange(features.shape[2])[None] < torch.tensor(frames)[:, None]
        return {
            "input_features": features.to(self.device, data_type(self.device)),
            "feature_attention_mask": mask.long().to(self.device),
        }

    def _tokens(self, audio: Audio) -> int:
        """Return how many tokens a sound has, which the layers before the encoder decide."""
        frames = len(_samples(audio)) // HOP
        if self.whole.config.model_type == "qwen2_5_omni":
            return _halved(frames) // 2
        window = 2 * int(self.thinker.config.audio_config.n_window)
        whole, rest = divmod(frames, window)
        return whole * _halved(_halved(_halved(window))) + _halved(_halved(_halved(rest)))


def _halved(frames: int) -> int:
    """Return what a convolution with a stride of two leaves."""
    return (frames + 1) // 2


def _samples(audio: Audio) -> Any:  # noqa: ANN401 - samples of float32 [frames]
    samples = audio.at(RATE_HZ)
    return np.pad(samples, (0, max(0, SHORTEST - len(samples))))


@contextmanager
def _senses(folder: Path, device: str) -> Iterator[_Senses]:
    transformers = require("transformers", "hub")
    require("torch", "hub")
    tokenizer = pretrained(transformers.AutoTokenizer, folder)
    named = json.loads((folder / "config.json").read_text("utf-8"))["model_type"]
    kind = _WithoutVoices(getattr(transformers, CLASSES[named]), transformers.PreTrainedModel)
    with loaded(kind, folder, device) as whole:
        yield _Senses(
            whole=whole,
            tokenizer=tokenizer,
            pictures=pretrained(transformers.Qwen2VLImageProcessorPil, folder),
            sounds=pretrained(transformers.WhisperFeatureExtractor, folder),
            template=chat_template(folder, tokenizer),
            device=device,
        )


class _WithoutVoices:
    """A model class loaded as any other is: its own way reads voices from a pickle."""

    def __init__(self, kind: Any, ancestor: Any) -> None:  # noqa: ANN401 - classes of transformers
        self.__name__ = kind.__name__
        self._kind, self._ancestor = kind, ancestor

    def from_pretrained(self, folder: Path, **settings: Any) -> Any:  # noqa: ANN401 - a model of transformers
        """Return the model without its voices."""
        return self._ancestor.from_pretrained.__func__(self._kind, folder, **settings)

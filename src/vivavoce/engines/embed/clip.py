"""CLIP, SigLIP, SigLIP 2 and Chinese-CLIP by transformers: pictures and text in one space.

Radford et al., 2021 (arXiv 2103.00020); Zhai et al., 2023 (2303.15343); Tschannen et al., 2025 (2502.14786); Yang et
al., 2022 (2211.01335). A text longer than the model's limit gets the mean of its parts.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Embed
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.embed.vectors import (
    Value,
    Vectors,
    batched_by_length,
    in_order,
    mean_of_parts,
    token_windows,
    unit,
)
from vivavoce.engines.see.clip_classifier import classifiers
from vivavoce.engines.see.pictures import for_model
from vivavoce.engines.torch_models import data_type, in_batches, loaded
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

PROCESSORS = {
    "clip": "CLIPImageProcessorPil",
    "siglip": "SiglipImageProcessorPil",
    "siglip2": "Siglip2ImageProcessorPil",
    "chinese_clip": "ChineseCLIPImageProcessorPil",
}
MODEL_TYPES = tuple(PROCESSORS)
CHINESE_TOKENS = 52  # what Chinese-CLIP was trained with, although its BERT has 512 positions
PADDED = ("siglip", "siglip2")  # trained on lower case, filled up on the right to the full length, without a mask
IMAGES_AT_ONCE = 16

Rows = list[npt.NDArray[np.float32]]


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (ClipEmbedder(model=model), *classifiers(model))


@dataclass(frozen=True, kw_only=True)
class ClipEmbedder:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        takes = (port(Modality.IMAGE), port(Modality.TEXT))
        return self.model.card(Ability.EMBED, takes, None, "pictures and text in one space")

    @contextmanager
    def open(self, device: str) -> Iterator[Embed]:
        """Yield the embedder; raise NotReady without the library or the weights."""
        folder = self.model.path()
        transformers = require("transformers", "hub")
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        with loaded(transformers.AutoModel, folder, device) as model:
            processor = getattr(transformers, PROCESSORS[model.config.model_type]).from_pretrained(folder)
            look, read = _looker(model, processor, device), _reader(model, tokenizer, device)

            def embed(values: Sequence[Value]) -> Vectors:
                return in_order(values, _width(model.config), {Image: look, Text: read}, self.card.name)

            yield embed


def _width(config: Any) -> int:  # noqa: ANN401 - a configuration of transformers
    padded = config.model_type in PADDED
    return int(config.text_config.projection_size if padded else config.projection_dim)


def _longest(config: Any) -> int:  # noqa: ANN401 - a configuration of transformers
    positions = int(config.text_config.max_position_embeddings)
    return min(positions, CHINESE_TOKENS) if config.model_type == "chinese_clip" else positions


def _looker(model: Any, processor: Any, device: str) -> Callable[[Sequence[Image]], Vectors]:  # noqa: ANN401 - third-party objects
    torch = require("torch", "hub")

    def run(images: Sequence[Image]) -> Rows:
        inputs = processor(images=[for_model(image) for image in images], return_tensors="pt")
        with torch.inference_mode():
            found = model.get_image_features(**inputs.to(device, data_type(device))).pooler_output
        return list(found.float().cpu().numpy())

    def look(images: Sequence[Image]) -> Vectors:
        return unit(np.stack(in_batches(run, images, IMAGES_AT_ONCE, device)))

    return look


def _reader(model: Any, tokenizer: Any, device: str) -> Callable[[Sequence[Text]], Vectors]:  # noqa: ANN401 - third-party objects
    torch = require("torch", "hub")
    longest, padded = _longest(model.config), model.config.model_type in PADDED
    full = {"padding": "max_length", "max_length": longest, "padding_side": "right"}
    padding: dict[str, Any] = full if padded else {}

    def run(parts: Sequence[list[int]]) -> Rows:
        inputs = tokenizer.pad({"input_ids": list(parts)}, return_tensors="pt", **padding).to(device)
        mask = None if padded else inputs["attention_mask"]
        with torch.inference_mode():
            found = model.get_text_features(input_ids=inputs["input_ids"], attention_mask=mask).pooler_output
        return list(found.float().cpu().numpy())

    def read(texts: Sequence[Text]) -> Vectors:
        words = [text.text.lower() if padded else text.text for text in texts]
        parts, owners = token_windows(tokenizer, words, longest)
        return mean_of_parts(batched_by_length(run, parts, device), owners, len(texts))

    return read

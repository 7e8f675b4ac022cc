"""CLIP and its kin in memory: pictures and texts become rows of one space, for all engines on the same weights.

A text longer than the model's limit gets the mean of its parts.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import require
from vivavoce.engines.embed.vectors import Vectors, batched_by_length, mean_of_parts, token_windows, unit
from vivavoce.engines.see.pictures import for_model
from vivavoce.engines.sharing import shared
from vivavoce.engines.torch_models import data_type, in_batches, loaded, pretrained
from vivavoce.media.image import Image

PROCESSORS = {
    "clip": "CLIPImageProcessorPil",
    "siglip": "SiglipImageProcessorPil",
    "siglip2": "Siglip2ImageProcessorPil",
    "chinese_clip": "ChineseCLIPImageProcessorPil",
}
CHINESE_TOKENS = 52  # what Chinese-CLIP was trained with, although its BERT has 512 positions
SIGMOID = ("siglip", "siglip2")  # trained on lower case, filled up on the right to the full length, without a mask
IMAGES_AT_ONCE = 16

Rows = list[npt.NDArray[np.float32]]


def opened_clip(model: Checkpoint, device: str) -> AbstractContextManager[tuple["Clip", threading.Lock]]:
    """Give the model in memory, one for all engines on these weights, and the lock to hold while it is used."""
    folder = model.path()
    return shared(("clip", folder, device), lambda: _load(folder, device))


@contextmanager
def _load(folder: Path, device: str) -> Iterator["Clip"]:
    transformers = require("transformers", "hub")
    tokenizer = pretrained(transformers.AutoTokenizer, folder)
    with loaded(transformers.AutoModel, folder, device) as model:
        processor = pretrained(getattr(transformers, PROCESSORS[model.config.model_type]), folder)
        yield Clip(model, processor, tokenizer, device)


@dataclass(frozen=True)
class Clip:
    """A model, its image processor and its tokenizer, on a device."""

    model: Any
    processor: Any
    tokenizer: Any
    device: str

    @property
    def sigmoid(self) -> bool:
        """Whether each pair has a probability of its own (SigLIP), rather than a share among several texts (CLIP)."""
        return self.model.config.model_type in SIGMOID

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        config = self.model.config
        return int(config.text_config.projection_size if self.sigmoid else config.projection_dim)

    @property
    def longest_text(self) -> int:
        """The most tokens that it reads at once."""
        positions = int(self.model.config.text_config.max_position_embeddings)
        return min(positions, CHINESE_TOKENS) if self.model.config.model_type == "chinese_clip" else positions

    def logits(self, cosines: Vectors) -> Vectors:
        """Return what a softmax, or with `sigmoid` a sigmoid, makes probabilities of."""
        scaled = cosines * float(self.model.logit_scale.detach().exp())
        return scaled + float(self.model.logit_bias.detach()) if self.sigmoid else scaled

    def images(self, images: Sequence[Image]) -> Vectors:
        """Return a row for each picture, float32 [images, width], of length 1."""
        return unit(np.stack(in_batches(self._look, images, IMAGES_AT_ONCE, self.device)))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text, float32 [texts, width], of length 1."""
        words = [text.lower() if self.sigmoid else text for text in texts]
        parts, owners = token_windows(self.tokenizer, words, self.longest_text)
        return mean_of_parts(batched_by_length(self._read, parts, self.device), owners, len(texts))

    def _look(self, images: Sequence[Image]) -> Rows:
        torch = require("torch", "hub")
        inputs = self.processor(images=[for_model(image) for image in images], return_tensors="pt")
        with torch.inference_mode():
            found = self.model.get_image_features(**inputs.to(self.device, data_type(self.device))).pooler_output
        return list(found.float().cpu().numpy())

    def _read(self, parts: Sequence[list[int]]) -> Rows:
        torch = require("torch", "hub")
        full = {"padding": "max_length", "max_length": self.longest_text, "padding_side": "right"}
        padding: dict[str, Any] = full if self.sigmoid else {}
        inputs = self.tokenizer.pad({"input_ids": list(parts)}, return_tensors="pt", **padding).to(self.device)
        mask = None if self.sigmoid else inputs["attention_mask"]
        with torch.inference_mode():
            found = self.model.get_text_features(input_ids=inputs["input_ids"], attention_mask=mask).pooler_output
        return list(found.float().cpu().numpy())

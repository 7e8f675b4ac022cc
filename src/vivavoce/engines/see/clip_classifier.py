"""Zero-shot classification by CLIP (Radford et al., 2021), SigLIP (Zhai et al., 2023), SigLIP 2 and Chinese-CLIP.

A label is put into several sentences, whose vectors are averaged, and compared with the vector of the picture.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from vivavoce.engines.abilities import Classify, Score
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.see.pictures import for_model
from vivavoce.engines.split import HAN
from vivavoce.engines.torch_models import data_type, in_batches, loaded
from vivavoce.errors import UsageError
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality

PROCESSORS = {
    "clip": "CLIPImageProcessorPil",
    "chinese_clip": "ChineseCLIPImageProcessorPil",
    "siglip": "SiglipImageProcessorPil",
    "siglip2": "Siglip2ImageProcessorPil",
}
MODEL_TYPES = tuple(PROCESSORS)
SENTENCES = {
    "en": ("a photo of {label}.", "a picture of {label}.", "this is a photo of {label}.", "an image of {label}."),
    "zh": ("一张{label}的照片。", "一张{label}的图片。", "这是{label}。", "图中有{label}。"),
}
BATCH = 64
CHINESE_TOKENS = 52  # what Chinese-CLIP was trained with, although it has positions for 512
KNOWN_LABELS = 32  # sets of labels whose vectors are kept: the next picture is mostly asked about the same ones


def classifiers(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do besides embedding."""
    return (ClipClassifier(model=model),)


@dataclass(frozen=True, kw_only=True)
class ClipClassifier:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.CLASSIFY,
            (port(Modality.IMAGE),),
            None,
            "tells which of any labels fits a picture",
            edge="classify",
        )
        return replace(card, into=())

    @contextmanager
    def open(self, device: str) -> Iterator[Classify]:
        """Yield the classifier; raise NotReady without the library or the weights.

        Without labels it raises UsageError. Probabilities of CLIP models add up to 1 over the labels; SigLIP says of
        each label by itself how probable it is.
        """
        folder = self.model.path()
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        with loaded(transformers.AutoModel, folder, device) as model:
            pair = _pair(folder, model, device)
            vectors_of = lru_cache(KNOWN_LABELS)(pair.labels)

            def classify(image: Image, labels: Sequence[str]) -> list[Score]:
                named = tuple(dict.fromkeys(label.strip() for label in labels if label.strip()))
                if not named:
                    raise UsageError("{engine} has no labels of its own; name some", engine=self.card.name)
                with torch.inference_mode():
                    shares = pair.shares(pair.picture(image), vectors_of(named))
                scores = [Score(label, share) for label, share in zip(named, shares, strict=True)]
                return sorted(scores, key=lambda score: -score.probability)

            yield classify


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """A model that puts pictures and texts into one space."""

    model: Any
    tokenizer: Any
    processor: Any
    device: str

    @property
    def sigmoid(self) -> bool:
        return str(self.model.config.model_type).startswith("siglip")

    def picture(self, image: Image) -> Any:  # noqa: ANN401 - a tensor
        """Return the picture's vector [1, width], of length 1."""
        inputs = self.processor(images=[for_model(image)], return_tensors="pt").to(self.device, data_type(self.device))
        return _unit(self.model.get_image_features(**inputs).pooler_output)

    def labels(self, labels: tuple[str, ...]) -> Any:  # noqa: ANN401 - a tensor
        """Return a vector for each label [labels, width], of length 1."""
        torch = require("torch", "hub")
        asked = [[sentence.format(label=label) for sentence in SENTENCES[_script(label)]] for label in labels]
        rows = in_batches(self._texts, [text for sentences in asked for text in sentences], BATCH, self.device)
        groups = torch.stack(rows).split([len(sentences) for sentences in asked])
        return _unit(torch.stack([group.mean(dim=0) for group in groups]))

    def _texts(self, texts: Sequence[str]) -> list[Any]:
        """Return a vector [width] for each text; SigLIP has learned from texts filled up to its full length."""
        words = self.tokenizer(
            list(texts),
            padding="max_length" if self.sigmoid else True,
            truncation=True,
            max_length=self._longest(),
            padding_side="right",
            return_tensors="pt",
        ).to(self.device)
        taken = ("input_ids",) if self.sigmoid else ("input_ids", "attention_mask")
        return list(_unit(self.model.get_text_features(**{name: words[name] for name in taken}).pooler_output))

    def _longest(self) -> int:
        longest = int(self.model.config.text_config.max_position_embeddings)
        return min(longest, CHINESE_TOKENS) if self.model.config.model_type == "chinese_clip" else longest

    def shares(self, picture: Any, labels: Any) -> list[float]:  # noqa: ANN401 - tensors
        logits = (picture @ labels.T)[0].float() * self.model.logit_scale.float().exp()
        if self.sigmoid:
            return [float(share) for share in (logits + self.model.logit_bias.float()).sigmoid()]
        return [float(share) for share in logits.softmax(dim=0)]


def _pair(folder: Path, model: Any, device: str) -> _Pair:  # noqa: ANN401 - a model of transformers
    transformers = require("transformers", "hub")
    processor = getattr(transformers, PROCESSORS[model.config.model_type])
    return _Pair(
        model=model,
        tokenizer=transformers.AutoTokenizer.from_pretrained(folder),
        processor=processor.from_pretrained(folder),
        device=device,
    )


def _script(label: str) -> str:
    return "zh" if HAN.search(label) else "en"


def _unit(vectors: Any) -> Any:  # noqa: ANN401 - tensors
    return vectors / vectors.norm(dim=-1, keepdim=True)

"""BLIP (Li et al., 2022) by transformers: answers a question about a picture in a word or two, or captions it.

A checkpoint does one of the two: its config.json says which; a row of the catalogue, by the languages it writes.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vivavoce.engines.abilities import Answer, Describe
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.see.pictures import pictures
from vivavoce.engines.torch_models import data_type, loaded, memory_checked, pretrained
from vivavoce.errors import EngineError, UnsupportedLanguage
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text
from vivavoce.media.video import Video

MODEL_TYPES = ("blip",)
MAX_ANSWER_TOKENS = 20
MAX_CAPTION_TOKENS = 50


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (BlipCaptioner(model=model),) if _captions(model) else (BlipAnswerer(model=model),)


def _captions(model: Checkpoint) -> bool:
    if not model.folder:
        return bool(model.into)
    path = Path(model.folder) / "config.json"
    try:
        return "BlipForConditionalGeneration" in json.loads(path.read_text("utf-8"))["architectures"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError("the file {path} does not say what the model does; get the model again", path=path) from error


@dataclass(frozen=True, kw_only=True)
class BlipAnswerer:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.ANSWER,
            (port(Modality.IMAGE), port(Modality.TEXT)),
            port(Modality.TEXT),
            "answers a question about a picture in a word or two",
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Answer]:
        """Yield the answerer; raise NotReady without the library or the weights."""
        folder = self.model.path()
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        processor = pretrained(transformers.BlipImageProcessorPil, folder)
        tokenizer = pretrained(transformers.AutoTokenizer, folder)
        with loaded(transformers.BlipForQuestionAnswering, folder, device) as model:
            longest = int(model.config.text_config.max_position_embeddings)

            def answer(views: Sequence[Image | Video], question: Text) -> Text:
                image = pictures(views, 1, self.card.name)[0]
                pixels = processor(images=image.pillow().convert("RGB"), return_tensors="pt")
                words = tokenizer(
                    question.text, return_tensors="pt", truncation=True, max_length=longest, return_token_type_ids=False
                )
                with torch.inference_mode(), memory_checked():
                    ids = model.generate(
                        **words.to(device), **pixels.to(device, data_type(device)), max_new_tokens=MAX_ANSWER_TOKENS
                    )
                return Text(tokenizer.decode(ids[0], skip_special_tokens=True), "en")

            yield answer


@dataclass(frozen=True, kw_only=True)
class BlipCaptioner:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.DESCRIBE, (port(Modality.IMAGE),), port(Modality.TEXT), "says in a sentence what a picture shows"
        )
        return replace(card, languages=(), into=("en",))

    @contextmanager
    def open(self, device: str) -> Iterator[Describe]:
        """Yield the captioner; for another language than English it raises UnsupportedLanguage."""
        folder = self.model.path()
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        processor = pretrained(transformers.BlipImageProcessorPil, folder)
        tokenizer = pretrained(transformers.AutoTokenizer, folder)
        with loaded(transformers.BlipForConditionalGeneration, folder, device) as model:

            def describe(image: Image, language: str | None) -> Text:
                if language not in (None, "en"):
                    raise UnsupportedLanguage(
                        "{engine} describes pictures in {known}, got {language}; ask for one of these",
                        engine=self.card.name,
                        known="en",
                        language=language,
                    )
                pixels = processor(images=image.pillow().convert("RGB"), return_tensors="pt")
                with torch.inference_mode(), memory_checked():
                    ids = model.generate(**pixels.to(device, data_type(device)), max_new_tokens=MAX_CAPTION_TOKENS)
                return Text(tokenizer.decode(ids[0], skip_special_tokens=True).strip(), "en")

            yield describe

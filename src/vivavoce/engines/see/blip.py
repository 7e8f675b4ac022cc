"""BLIP (Li et al., 2022) by transformers: answers a question about a picture in a word or two."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vivavoce.engines.abilities import Answer
from vivavoce.engines.contract import Ability, Card, Cost, Weights, port, require
from vivavoce.engines.hub import folder_of
from vivavoce.errors import NotReady
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

MAX_ANSWER_TOKENS = 20
WEIGHTS = Weights(repository="Salesforce/blip-vqa-base", revision="main", size_mb=1540, licence="BSD-3-Clause")


@dataclass(frozen=True, kw_only=True)
class BlipAnswerer:
    """Which model: the published one from the hub cache, or a folder."""

    model: str = ""

    @property
    def card(self) -> Card:
        """Describe it."""
        return Card(
            name="blip-vqa",
            ability=Ability.ANSWER,
            takes=(port(Modality.IMAGE), port(Modality.TEXT)),
            gives=port(Modality.TEXT),
            summary="answers an English question about a picture",
            licence="BSD-3-Clause",
            languages=("en",),
            extra="hub",
            module="transformers",
            weights=None if self.model else WEIGHTS,
            tier="hub",
            cost=Cost(fixed_s=5.0, per_unit_s=1.5, memory_gb=1.8, quality=0.7),
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Answer]:
        """Yield the answerer; raise NotReady without the library or the weights."""
        folder = self.model or folder_of(WEIGHTS)
        if not folder:
            raise NotReady("the weights of {engine} are not on disk; run: viva models pull {engine}", engine="blip-vqa")
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        processor = transformers.BlipImageProcessorPil.from_pretrained(folder)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        model = transformers.BlipForQuestionAnswering.from_pretrained(folder, use_safetensors=True).to(device).eval()

        longest = int(model.config.text_config.max_position_embeddings)

        def answer(image: Image, question: Text) -> Text:
            pixels = processor(images=image.pillow().convert("RGB"), return_tensors="pt").to(device)
            words = tokenizer(
                question.text, return_tensors="pt", truncation=True, max_length=longest, return_token_type_ids=False
            )
            with torch.inference_mode():
                ids = model.generate(**words.to(device), **pixels, max_new_tokens=MAX_ANSWER_TOKENS)
            return Text(tokenizer.decode(ids[0], skip_special_tokens=True), "en")

        yield answer

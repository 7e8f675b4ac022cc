"""LLaVA 1.5 (Liu et al., 2023) and LLaVA-OneVision (Li et al., 2024) by transformers: questions about pictures."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import AnyEngine, require
from vivavoce.engines.see.looking import engines_of
from vivavoce.engines.see.pictures import for_model
from vivavoce.engines.see.prompts import chat_template, filled, rendered
from vivavoce.engines.see.seer import Conversation, Seer
from vivavoce.engines.sharing import shared
from vivavoce.engines.torch_models import data_type, loaded, pretrained
from vivavoce.media.image import Image

MODEL_TYPES = ("llava", "llava_onevision")
PROCESSORS = {"llava": "CLIPImageProcessorPil", "llava_onevision": "LlavaOnevisionImageProcessorPil"}
MOST_PICTURES = {"llava": 4, "llava_onevision": 16}  # a picture of LLaVA 1.5 takes 576 of its 4,096 tokens


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return engines_of(model, load)


@contextmanager
def load(model: Checkpoint, device: str) -> Iterator[Seer]:
    """Yield the model, shared by all engines on the same weights; raise NotReady without library or weights."""
    folder = model.path()
    with shared((str(folder), device), lambda: _sight(folder, device)) as (sight, turn):
        yield sight.seer(model.alias, turn)


@dataclass(frozen=True, kw_only=True)
class _Sight:
    """A model and what prepares its inputs."""

    model: Any
    tokenizer: Any
    processor: Any
    template: str
    device: str

    def seer(self, name: str, turn: threading.Lock) -> Seer:
        def prepare(conversations: Sequence[Conversation]) -> dict[str, Any]:
            return self.prepared(name, conversations)

        return Seer(
            name=name,
            model=self.model,
            tokenizer=self.tokenizer,
            prepare=prepare,
            turn=turn,
            device=self.device,
            limit=int(self.model.config.text_config.max_position_embeddings),
            most=MOST_PICTURES[self.model.config.model_type],
        )

    def prepared(self, name: str, conversations: Sequence[Conversation]) -> dict[str, Any]:
        """Return embeddings in which what is seen stands where the picture's tokens were.

        The model itself says how many features a picture has, so no count can disagree with it.
        """
        token = self.tokenizer.convert_ids_to_tokens(self.model.config.image_token_id)
        texts, seen = [], list[Any]()
        for conversation in conversations:
            images = [image for message in conversation for image in message.images]
            features = self._features(images) if images else []
            text = rendered(self.tokenizer, self.template, conversation)
            begin = self.tokenizer.bos_token
            text = text.removeprefix(begin) if begin else text  # the tokenizer puts it there
            texts.append(filled(text, token, [len(feature) for feature in features], name))
            seen += features
        words = self.tokenizer(texts, padding=True, padding_side="left", return_tensors="pt").to(self.device)
        embeddings = self.model.get_input_embeddings()(words["input_ids"])  # [batch, tokens, width]
        if seen:
            torch = require("torch", "hub")
            places = (words["input_ids"] == self.model.config.image_token_id).unsqueeze(-1)
            embeddings = embeddings.masked_scatter(places, torch.cat(seen).to(embeddings.dtype))
        return {"inputs_embeds": embeddings, "attention_mask": words["attention_mask"]}

    def _features(self, images: Sequence[Image]) -> list[Any]:
        """Return what the model sees in the pictures of one conversation: [tokens, width] for each."""
        shown = [for_model(image) for image in images]
        one_prompt = [shown] if self.model.config.model_type == "llava_onevision" else shown
        found = dict(self.processor(images=one_prompt, return_tensors="pt").to(self.device))
        pixels = found.pop("pixel_values").to(data_type(self.device))
        return list(self.model.get_image_features(pixel_values=pixels, **found).pooler_output)


@contextmanager
def _sight(folder: Path, device: str) -> Iterator[_Sight]:
    transformers = require("transformers", "hub")
    require("torch", "hub")
    tokenizer = pretrained(transformers.AutoTokenizer, folder)
    with loaded(transformers.AutoModelForImageTextToText, folder, device) as model:
        processor = getattr(transformers, PROCESSORS[model.config.model_type])
        yield _Sight(
            model=model,
            tokenizer=tokenizer,
            processor=pretrained(processor, folder),
            template=chat_template(folder, tokenizer),
            device=device,
        )

"""Qwen2.5-VL (Bai et al., 2025) and Qwen3-VL by transformers: questions, descriptions and talk about pictures."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import AnyEngine, require
from vivavoce.engines.see.looking import engines_of
from vivavoce.engines.see.patches import joined, patches, tokens_of
from vivavoce.engines.see.prompts import chat_template, filled, rendered
from vivavoce.engines.see.seer import Conversation, Seer
from vivavoce.engines.sharing import shared
from vivavoce.engines.torch_models import loaded, pretrained

MODEL_TYPES = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe")
MOST_PICTURES = 16


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
    """A model and what prepares its inputs; the processor of transformers can't be built without torchvision."""

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
            most=MOST_PICTURES,
        )

    def prepared(self, name: str, conversations: Sequence[Conversation]) -> dict[str, Any]:
        token = self.tokenizer.convert_ids_to_tokens(self.model.config.image_token_id)
        texts, looks = [], list[dict[str, Any]]()
        for conversation in conversations:
            images = [image for message in conversation for image in message.images]
            look = patches(self.processor, images) if images else {}
            counts = tokens_of(self.processor, look)
            texts.append(filled(rendered(self.tokenizer, self.template, conversation), token, counts, name))
            looks += [look] if look else []
        inputs = dict(self.tokenizer(texts, padding=True, padding_side="left", return_tensors="pt").to(self.device))
        if not looks:
            return inputs
        seen = (inputs["input_ids"] == self.model.config.image_token_id).int()
        return {**inputs, **joined(looks, self.device), "mm_token_type_ids": seen}


@contextmanager
def _sight(folder: Path, device: str) -> Iterator[_Sight]:
    transformers = require("transformers", "hub")
    require("torch", "hub")
    tokenizer = pretrained(transformers.AutoTokenizer, folder)
    processor = pretrained(transformers.Qwen2VLImageProcessorPil, folder)
    with loaded(transformers.AutoModelForImageTextToText, folder, device) as model:
        yield _Sight(
            model=model,
            tokenizer=tokenizer,
            processor=processor,
            template=chat_template(folder, tokenizer),
            device=device,
        )

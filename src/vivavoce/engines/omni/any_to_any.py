"""Any model that looks or listens and writes, if transformers has a processor for it that needs no torchvision.

Gemma 3, LLaVA-NeXT and their like. The models of other files are run faster there, and with more abilities.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import AnyEngine, require
from vivavoce.engines.conversation import Message
from vivavoce.engines.see.looking import engines_of
from vivavoce.engines.see.pictures import for_model
from vivavoce.engines.see.prompts import Turn, chat_template, turns
from vivavoce.engines.see.seer import Conversation, Seer
from vivavoce.engines.sharing import shared
from vivavoce.engines.torch_models import data_type, loaded, refuse_code
from vivavoce.errors import EngineError

MODEL_TYPES = ("gemma3", "llava_next")
MOST_PICTURES = 8


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return engines_of(model, load)


@contextmanager
def load(model: Checkpoint, device: str) -> Iterator[Seer]:
    """Yield the model, shared by all engines on the same weights; raise NotReady without library or weights."""
    folder = model.path()
    with shared((str(folder), device), lambda: _held(folder, device)) as (held, turn):
        yield Seer(
            name=model.alias,
            model=held.model,
            tokenizer=held.processor.tokenizer,
            prepare=held.prepared,
            turn=turn,
            device=device,
            limit=int(held.model.config.get_text_config().max_position_embeddings),
            most=MOST_PICTURES,
        )


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A model and its processor."""

    model: Any
    processor: Any
    template: str
    device: str

    def prepared(self, conversations: Sequence[Conversation]) -> dict[str, Any]:
        said = [self._turns(conversation) for conversation in conversations]
        inputs = self.processor.apply_chat_template(
            said,
            chat_template=self.template,
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs={"padding": True, "padding_side": "left"},
        )
        return dict(inputs.to(self.device, data_type(self.device)))

    def _turns(self, messages: Sequence[Message]) -> list[Turn]:
        """Return messages with pictures in their places."""
        said = turns(self.processor.tokenizer, self.template, messages)
        for turn, message in zip(said, messages, strict=True):
            views = iter(message.images)
            turn["content"] = [
                {"type": "image", "image": for_model(next(views))} if part["type"] == "image" else part
                for part in turn["content"]
            ]
        return said


@contextmanager
def _held(folder: Path, device: str) -> Iterator[_Held]:
    transformers = require("transformers", "hub")
    require("torch", "hub")
    refuse_code(folder)
    try:
        processor = transformers.AutoProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ImportError, ValueError, OSError, TypeError) as error:
        raise EngineError(
            "the inputs of the model in {path} can't be prepared without torchvision or another library that is "
            "not used here ({reason}); choose another model",
            path=folder,
            reason=str(error).strip().split("\n")[0][:200],
        ) from error
    with loaded(transformers.AutoModelForImageTextToText, folder, device) as model:
        yield _Held(
            model=model, processor=processor, template=chat_template(folder, processor.tokenizer), device=device
        )

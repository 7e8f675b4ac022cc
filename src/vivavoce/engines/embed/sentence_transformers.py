"""Sentence embedders in the folder layout of sentence-transformers: MiniLM, multilingual E5, BGE, Qwen3-Embedding.

`modules.json` names what happens to the tokens' vectors: pooling (Reimers and Gurevych, 2019; arXiv 1908.10084), then
perhaps normalisation. It is run here by transformers alone, since the library of that name would run code that a folder
brings along. A text longer than the model's limit gets the mean of its parts.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Embed
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.embed.vectors import Value, Vectors, batched_by_length, in_order, mean_of_parts, token_windows
from vivavoce.engines.torch_models import loaded, pretrained
from vivavoce.errors import EngineError
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

MODEL_TYPES = ("sentence-transformers",)
LONGEST = 8192  # tokens of a part: attention grows with the square
E5_PREFIX = "query: "  # for comparing like with like; the models are trained never to see a text without one

Pooling = Literal["mean", "cls", "lasttoken"]
POOLINGS: dict[str, Pooling] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "lasttoken",
}


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (SentenceEmbedder(model=model),)


@dataclass(frozen=True, kw_only=True)
class SentenceEmbedder:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(Ability.EMBED, (port(Modality.TEXT),), None, "sentence vectors")

    @contextmanager
    def open(self, device: str) -> Iterator[Embed]:
        """Yield the embedder; raise NotReady without the library or the weights."""
        folder = self.model.path()
        layout = read_layout(folder)
        prefix = layout.prompt or (E5_PREFIX if _is_e5(self.model) else "")
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        tokenizer = pretrained(transformers.AutoTokenizer, folder)
        with loaded(transformers.AutoModel, folder, device) as model:
            longest = _longest(layout, tokenizer, model.config)

            def run(parts: Sequence[list[int]]) -> list[npt.NDArray[np.float32]]:
                inputs = tokenizer.pad({"input_ids": list(parts)}, return_tensors="pt").to(device)
                with torch.inference_mode():
                    tokens = model(**inputs).last_hidden_state.float()
                    found = pooled(tokens, inputs["attention_mask"], layout.pooling)
                return list(found.cpu().numpy())

            def embed_texts(texts: Sequence[Text]) -> Vectors:
                words = [prefix + (text.text.lower() if layout.lower else text.text) for text in texts]
                parts, owners = token_windows(tokenizer, words, longest)
                return mean_of_parts(batched_by_length(run, parts, device), owners, len(texts))

            def embed(values: Sequence[Value]) -> Vectors:
                return in_order(values, int(model.config.hidden_size), {Text: embed_texts}, self.card.name)

            yield embed


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a folder says of its model: pooling, a limit of tokens, lower case, and what to put before each text."""

    pooling: Pooling = "mean"
    longest: int | None = None
    lower: bool = False
    prompt: str = ""


def read_layout(folder: Path) -> Layout:
    """Read the folder's JSON files; without any, the mean is taken. Raises EngineError for modules not known here."""
    pooling: Pooling = "mean"
    for module in _json(folder / "modules.json", []):
        if not isinstance(module, dict):
            raise _not_readable(folder / "modules.json")
        kind = str(module.get("type", "")).rpartition(".")[2]
        if kind == "Pooling":
            pooling = _pooling(folder, _json(folder / str(module.get("path", "")) / "config.json", {}))
        elif kind not in ("Transformer", "Normalize"):
            raise EngineError(
                "the model in {path} needs the module {module}, which is not supported; choose another",
                path=folder,
                module=kind or "?",
            )
    transformer, prompts = _json(folder / "sentence_bert_config.json", {}), _json(_prompt_file(folder), {})
    named = prompts.get("prompts")
    return Layout(
        pooling=pooling,
        longest=transformer.get("max_seq_length"),
        lower=bool(transformer.get("do_lower_case")),
        prompt=str(named.get(prompts.get("default_prompt_name"), "")) if isinstance(named, dict) else "",
    )


def _prompt_file(folder: Path) -> Path:
    return folder / "config_sentence_transformers.json"


def _not_readable(path: Path) -> EngineError:
    return EngineError("the file {path} can't be read as a model's settings; get the model again", path=path)


def _pooling(folder: Path, config: dict[str, Any]) -> Pooling:
    mode = config.get("pooling_mode")
    wanted = [mode] if mode else [name for key, name in POOLINGS.items() if config.get(key)]
    others = [
        key for key, on in config.items() if key.startswith("pooling_mode_") and on is True and key not in POOLINGS
    ]
    for name in POOLINGS.values():
        if wanted == [name] and not others:
            return name
    raise EngineError(
        "the model in {path} pools by {modes}, which is not supported; choose another",
        path=folder,
        modes=", ".join(map(str, [*wanted, *others])) or "?",
    )


def _json(path: Path, default: Any) -> Any:  # noqa: ANN401 - content of JSON
    """Return the content of a file, `default` without one; raise EngineError when it is of another kind than that."""
    if not path.is_file():
        return default
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _not_readable(path) from error
    if not isinstance(held, type(default)):
        raise _not_readable(path)
    return held


def _is_e5(model: Checkpoint) -> bool:
    return "e5" in Path(model.repository or model.folder).name.lower().split("-")


def _longest(layout: Layout, tokenizer: Any, config: Any) -> int:  # noqa: ANN401 - third-party objects
    """Return the least of all limits; RoBERTa counts its positions from the padding token on."""
    positions = int(config.max_position_embeddings)
    if config.model_type in ("roberta", "xlm-roberta"):
        positions -= int(config.pad_token_id) + 1
    return min(layout.longest or LONGEST, int(tokenizer.model_max_length), positions, LONGEST)


def pooled(tokens: Any, mask: Any, pooling: Pooling) -> Any:  # noqa: ANN401 - torch tensors
    """Return [B, D] from [B, T, D] and its mask [B, T], padded on either side."""
    torch = require("torch", "hub")
    if pooling == "mean":
        weights = mask.unsqueeze(-1).to(tokens.dtype)
        return (tokens * weights).sum(dim=1) / weights.sum(dim=1)
    places = torch.arange(mask.shape[1], device=mask.device) * mask
    last = places.argmax(dim=1)
    at = mask.argmax(dim=1) if pooling == "cls" else last
    return tokens[torch.arange(len(tokens), device=tokens.device), at]
